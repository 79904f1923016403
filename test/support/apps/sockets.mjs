/** WebSockets that do what they are told, in words or in bytes; and requests that harm the worker. It runs on Bun and on Node.js. */
const leaked = [];
const ends = [];

function obey(socket, command) {
  const [verb, ...words] = command.split(" ");
  switch (verb) {
    case "close":
      socket.send("before");
      socket.close(Number(words[0]), words.slice(1).join(" "));
      socket.send("behind");
      break;
    case "flood": {
      const part = "x".repeat(10_000);
      for (let count = Number(words[0]); count > 0; count--) socket.send(part);
      socket.data.buffered = socket.bufferedAmount;
      break;
    }
    case "large":
      try {
        socket.send("x".repeat(Number(words[0])));
      } catch (error) {
        socket.send(`${error.name}: ${error.message}`);
      }
      break;
    case "facts":
      socket.send(JSON.stringify([socket.protocol, socket.readyState, socket.data, typeof socket.remoteAddress]));
      break;
    case "members":
      socket.subscribe("a");
      socket.subscribe("b");
      socket.unsubscribe("a");
      socket.binaryType = words[0];
      socket.send(
        JSON.stringify([
          [socket.isSubscribed("a"), socket.isSubscribed("b"), socket.subscriptions],
          [socket.ping(), socket.pong(), socket.getBufferedAmount()],
          socket.cork((same) => same === socket),
          [socket.sendText("\u00e9"), socket.sendBinary(new Uint16Array([0x4241]))],
        ]),
      );
      break;
    case "terminate":
      socket.terminate();
      ends.push(socket.send("behind"));
      break;
    default:
      socket.send(command);
  }
}

// oxlint-disable-next-line import/no-default-export -- what an app is
export default {
  websocket: {
    async message(socket, message) {
      if (typeof message !== "string")
        socket.send(socket.binaryType === "nodebuffer" ? message : message.constructor.name);
      // A turn later, so that messages would overtake one another if nobody kept them in order.
      else if (message.startsWith("slow "))
        await new Promise((resolve) => setTimeout(resolve, 20)).then(() => obey(socket, message));
      else obey(socket, message);
    },
    close(socket, code, reason) {
      ends.push(`${code} ${reason}`.trim());
    },
  },

  async fetch(request, context) {
    const { pathname, searchParams } = new URL(request.url);
    switch (pathname) {
      case "/socket": {
        const offered = request.headers.get("sec-websocket-protocol")?.split(/, */) ?? [];
        const protocol = offered.find((name) => name.startsWith("v"));
        context.upgrade(request, { data: {}, protocol: protocol ?? "", headers: { "x-room": "1" } });
        return undefined;
      }
      case "/refuse":
        return new Response("not you", { status: 403 });
      case "/ends":
        return Response.json(ends);
      case "/block":
        for (;;);
      case "/leak":
        leaked.push(new Uint8Array(Number(searchParams.get("bytes"))).fill(1));
        return new Response(String(leaked.length));
      case "/exit":
        setImmediate(() => process.exit(Number(searchParams.get("code"))));
        return new Promise(() => {});
      case "/throw-later":
        setImmediate(() => {
          throw new Error("thrown outside of any request");
        });
        return new Promise(() => {});
      default:
        return new Response(String(process.pid));
    }
  },
};
