/**
 * A chat: everybody who has the page open sees what anybody says, and a clock that the server pushes. What worker.php is in PHP.
 *
 *     vilya serve --config examples/chat/typescript.yaml
 *
 *     http://localhost:8080/                          the page
 *     curl -d 'Tea is ready' localhost:8080/say       says something from outside: any request can publish
 *     curl -N localhost:8080/events                   the event stream
 */
import { readFile } from "node:fs/promises";
import type { App } from "vilya";

const ROOM = "room";
const NAME_LENGTH_MAX = 30;
const TEXT_LENGTH_MAX = 1_000;
const PAGE = await readFile(new URL("page.html", import.meta.url), "utf8");

function line(name: string, text: string): string {
  return JSON.stringify({ name, text });
}

const app: App<string> = {
  websocket: {
    open(socket) {
      socket.subscribe(ROOM);
      socket.send(line("", `Welcome, ${socket.data}`));
      socket.publish(ROOM, line("", `${socket.data} has come`));
    },
    message(socket, message) {
      if (typeof message !== "string") {
        socket.close(1003, "text only");
        return;
      }
      const said = line(socket.data, message.slice(0, TEXT_LENGTH_MAX));
      socket.publish(ROOM, said);
      socket.send(said);
    },
    close(socket) {
      socket.publish(ROOM, line("", `${socket.data} has left`));
    },
  },

  async fetch(request, context) {
    const { pathname, searchParams } = new URL(request.url);
    switch (pathname) {
      case "/":
        return new Response(PAGE, { headers: { "content-type": "text/html; charset=UTF-8" } });
      case "/chat": {
        const name = (searchParams.get("name") ?? "").trim().slice(0, NAME_LENGTH_MAX);
        if (name === "") return new Response("Say who you are: /chat?name=Ada\n", { status: 400 });
        if (context.upgrade(request, { data: name })) return undefined;
        return new Response("This is for WebSockets.\n", { status: 426 });
      }
      case "/say":
        context.publish(ROOM, line("A request", (await request.text()).slice(0, TEXT_LENGTH_MAX)));
        return new Response(null, { status: 204 });
      case "/events":
        return new Response(clock(), { headers: { "content-type": "text/event-stream" } });
      default:
        return new Response("Not found\n", { status: 404 });
    }
  },
};

/** An event a second, until the client leaves. */
function clock(): ReadableStream<Uint8Array> {
  let timer: NodeJS.Timeout | undefined;
  return new ReadableStream({
    start(controller) {
      const encoder = new TextEncoder();
      const tick = (): void => {
        const time = new Date().toTimeString().slice(0, 8);
        controller.enqueue(encoder.encode(`event: clock\ndata: ${time}\n\n`));
      };
      tick();
      timer = setInterval(tick, 1_000);
    },
    cancel: () => clearInterval(timer),
  });
}

export default app;
