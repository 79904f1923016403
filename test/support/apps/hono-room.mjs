import { Hono } from "hono";
import { getConnInfo, upgradeWebSocket, websocket } from "hono/bun";

/** A room of WebSockets as Hono has them on Bun, for test/integration/framework-websockets.test.ts. */
const app = new Hono();

app.get("/address", (c) => c.text(getConnInfo(c).remote.address));
app.post("/say", async (c) => {
  c.env.publish("room", await c.req.text());
  return c.text("said");
});
app.get(
  "/room",
  upgradeWebSocket((c) => {
    const name = c.req.query("name");
    return {
      onOpen(_, socket) {
        socket.raw.subscribe("room");
        socket.send(`Hello ${name}, ${socket.raw.isSubscribed("room")}`);
      },
      onMessage({ data }, socket) {
        if (typeof data !== "string") return socket.send(`bytes ${data.byteLength}`);
        socket.raw.publish("room", data);
        return socket.send("heard");
      },
      onClose({ code }, socket) {
        socket.raw.publish("room", `${name} has left with ${code}`);
      },
    };
  }),
);

// oxlint-disable-next-line import/no-default-export -- what an app is
export default { fetch: app.fetch, websocket };
