import { Elysia } from "elysia";

/** A room of WebSockets as Elysia has them, for test/integration/framework-websockets.test.ts. */
const app = new Elysia()
  .get("/address", ({ server, request }) => server.requestIP(request).address)
  .post("/say", async ({ server, request }) => {
    server.publish("room", await request.text());
    return "said";
  })
  .ws("/room", {
    open(socket) {
      socket.subscribe("room");
      socket.send(`Hello ${socket.data.query.name}, ${socket.isSubscribed("room")}`);
    },
    message(socket, message) {
      if (message instanceof Uint8Array) return `bytes ${message.buffer.byteLength}`;
      socket.publish("room", message);
      return "heard";
    },
    close(socket, code) {
      socket.publish("room", `${socket.data.query.name} has left with ${code}`);
    },
  });

// oxlint-disable-next-line import/no-default-export -- what an app is
export default app;
