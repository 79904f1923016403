/** The same on the runtime's own server: echoes on `/echo`, publishes to everybody on `/room`. Prints its port. */
interface Visitor {
  readonly isRoom: boolean;
}

const server: Bun.Server<Visitor> = Bun.serve<Visitor>({
  hostname: "127.0.0.1",
  port: 0,
  fetch(request, self) {
    const isRoom = new URL(request.url).pathname === "/room";
    return self.upgrade(request, { data: { isRoom } }) ? undefined : new Response(null, { status: 400 });
  },
  websocket: {
    idleTimeout: 960,
    open: (socket) => void (socket.data.isRoom && socket.subscribe("room")),
    message(socket, message) {
      if (socket.data.isRoom) server.publish("room", message);
      else socket.send(message);
    },
  },
});
process.on("SIGUSR2", () => Bun.gc(true)); // Before memory is read.
console.log(server.port);
