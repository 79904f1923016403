/**
 * Responses that come into being while the client reads them: what examples/php/stream.php is in PHP.
 *
 *     vilya serve --config examples/typescript/stream.yaml
 *
 *     curl -N localhost:8080/events                 server-sent events, one a second
 *     curl -N localhost:8080/countdown              a generator: what it yields leaves at once
 *     curl -N 'localhost:8080/rows?count=1000000'   a body of any size in little memory
 *     curl -v localhost:8080/                       early hints (103) before the page
 *
 * A process streams many responses at a time: none of them holds a worker.
 */
import { createHash } from "node:crypto";
import type { App } from "vilya";

const PAGE = `<!doctype html>
<title>Streams</title>
<p id="time">waiting</p>
<script>
  new EventSource("/events").addEventListener("tick", (event) => {
    document.getElementById("time").textContent = event.data;
  });
</script>
`;

const app: App = {
  fetch(request, context) {
    const { pathname, searchParams } = new URL(request.url);
    switch (pathname) {
      case "/":
        context.earlyHints({ link: "</events>; rel=preload; as=fetch" });
        return new Response(PAGE, { headers: { "content-type": "text/html; charset=UTF-8" } });
      case "/events":
        return streamed("text/event-stream", ticks(Number(request.headers.get("last-event-id") ?? 0)));
      case "/countdown":
        return streamed("text/plain", countdown());
      case "/rows":
        return streamed("text/csv", rows(Number(searchParams.get("count") ?? 1_000)));
      default:
        return new Response("Not found\n", { status: 404 });
    }
  },
};

/** One event a second, until the client leaves: then the generator is ended where it waits. */
async function* ticks(lastId: number): AsyncGenerator<string> {
  for (let id = lastId + 1; ; id++) {
    yield `event: tick\nid: ${id}\nretry: 1000\ndata: ${clock()}\n\n`;
    await second();
  }
}

async function* countdown(): AsyncGenerator<string> {
  for (let left = 5; left > 0; left--) {
    yield `${left}\n`;
    await second();
  }
  yield "Lift-off.\n";
}

/** Read no faster than the client takes them. */
async function* rows(count: number): AsyncGenerator<string> {
  for (let row = 0; row < count; row++) yield `${row},${createHash("md5").update(String(row)).digest("hex")}\n`;
}

function streamed(type: string, parts: AsyncGenerator<string>): Response {
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const part = await parts.next();
      if (part.done === true) controller.close();
      else controller.enqueue(encoder.encode(part.value));
    },
    cancel: () => void parts.return(undefined),
  });
  return new Response(body, { headers: { "content-type": type } });
}

function clock(): string {
  return new Date().toTimeString().slice(0, 8);
}

function second(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, 1_000);
  });
}

export default app;
