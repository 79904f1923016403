/** A module as `bun run` takes it, with a server of its own and no export, for test/integration/bun-serve.test.ts. */
const server = Bun.serve({
  port: 3000,
  routes: {
    "/": new Response("home"),
    "/users/:id": ({ params, cookies }, context) => {
      cookies.set("seen", params.id);
      return Response.json({ id: params.id, knows: typeof context.requestIP });
    },
    "/address": (request) => new Response(server.requestIP(request).address),
    "/say": {
      POST: async (request) => {
        server.publish("room", await request.text());
        return new Response("said");
      },
    },
    "/throw": () => {
      throw new Error("the reason");
    },
  },
  fetch(request) {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === "/room" && server.upgrade(request, { data: { name: searchParams.get("name") } })) return undefined;
    return new Response(`no ${pathname}`, { status: 404 });
  },
  error: ({ message }) => new Response(`sorry, ${message}`, { status: 500 }),
  websocket: {
    open(socket) {
      socket.subscribe("room");
      socket.send(`Hello ${socket.data.name}`);
    },
    message(socket, message) {
      socket.publish("room", message);
    },
  },
});
process.stdout.write(`serves ${server.url.href}\n`);
