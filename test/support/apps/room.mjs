/** A room of WebSockets that tell each other what they are sent; it runs on Bun and on Node.js. A POST says its body to all of them. */
// oxlint-disable-next-line import/no-default-export -- what an app is
export default {
  websocket: {
    open(socket) {
      socket.subscribe("room");
      socket.send(`${socket.data} is ${socket.id}`);
      socket.publish("room", `${socket.data} has come`);
    },

    message(socket, message) {
      if (message === "leave") socket.unsubscribe("room");
      if (message === "throw") throw new Error("Thrown");
      socket.publish("room", message);
      socket.send("said");
    },

    close(socket, code) {
      socket.publish("room", `${socket.data} has left with ${code}`);
    },
  },

  async fetch(request, context) {
    const { pathname, searchParams } = new URL(request.url);
    if (request.method === "POST") {
      const text = await request.text();
      if (pathname === "/") context.publish("room", text);
      else context.send(pathname.slice(1), text);
      return new Response(null, { status: 204 });
    }
    if (context.upgrade(request, { data: searchParams.get("name") })) return undefined;
    return new Response("This is for WebSockets.\n", { status: 426 });
  },
};
