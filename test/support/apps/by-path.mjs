import { appendFileSync, openAsBlob, writeFileSync } from "node:fs";

/** An app that does what the path of the request says; it runs on Bun and on Node.js. `TRACE_FILE` gets a line for each hook. */
const trace = (line) => {
  if (process.env.TRACE_FILE) appendFileSync(process.env.TRACE_FILE, `${line}\n`);
};

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

let waiting = [];

async function meet(count) {
  const arrival = new Promise((resolve) => {
    waiting.push(resolve);
  });
  if (waiting.length === count) {
    for (const resolve of waiting) resolve();
    waiting = [];
  }
  await arrival;
}

/** Chunks of text, one every `ms`, until the client leaves. */
function ticking(ms, signal) {
  return new ReadableStream({
    async start(controller) {
      controller.enqueue(new TextEncoder().encode("begun\n"));
      signal.addEventListener("abort", () => trace("aborted"));
    },
    async pull(controller) {
      await sleep(ms);
      controller.enqueue(new TextEncoder().encode("tick\n"));
    },
    cancel: () => trace("cancelled"),
  });
}

// oxlint-disable-next-line import/no-default-export -- what an app is
export default {
  concurrency: 20,
  start: () => trace("start"),
  async stop() {
    await sleep(20);
    trace("stop");
  },
  async fetch(request, context) {
    const url = new URL(request.url);
    switch (url.pathname) {
      case "/echo":
        return new Response(request.body, { headers: { "x-method": request.method } });
      case "/form": {
        const form = await request.formData();
        const texts = [...form].map(async ([name, value]) => [
          name,
          typeof value === "string" ? value : await value.text(),
        ]);
        return Response.json([await Promise.all(texts), context.uploads.map(({ filename, size }) => [filename, size])]);
      }
      case "/length":
        return new Response(String((await request.arrayBuffer()).byteLength));
      case "/request":
        return Response.json({
          url: request.url,
          method: request.method,
          headers: Object.fromEntries(request.headers),
          remoteAddress: context.remoteAddress,
          timeoutMs: context.timeoutMs,
          route: context.route,
          params: context.params,
        });
      case "/cookies": {
        const headers = new Headers({ "x-latin": "caf\u00e9" });
        headers.append("set-cookie", "a=1; Path=/");
        headers.append("set-cookie", "b=2");
        return new Response(null, { status: 204, headers });
      }
      case "/throw":
        throw new Error("the secret reason");
      case "/nothing":
        return undefined;
      case "/break":
        return new Response(
          new ReadableStream({
            async pull(controller) {
              controller.enqueue(new Uint8Array(1_000));
              await sleep(50);
              throw new Error("broken in the middle");
            },
          }),
        );
      case "/trailers": {
        const body = new ReadableStream({
          async pull(controller) {
            await sleep(5);
            controller.enqueue(new TextEncoder().encode("rows"));
            context.trailer("X-Rows", "1");
            context.trailer(url.searchParams.get("name") ?? "x-rows", "2");
            controller.close();
          },
        });
        return new Response(body, { headers: { trailer: "X-Rows" } });
      }
      case "/trailers-of-text":
        context.trailer("X-Rows", "1");
        return new Response("rows");
      case "/ticks":
        return new Response(ticking(5, request.signal), { headers: { "content-type": "text/event-stream" } });
      case "/file": {
        writeFileSync("large.bin", new Uint8Array(Number(url.searchParams.get("bytes"))));
        const file = globalThis.Bun === undefined ? await openAsBlob("large.bin") : Bun.file("large.bin");
        return new Response(file);
      }
      case "/large":
        return new Response(new Uint8Array(Number(url.searchParams.get("bytes"))));
      case "/meet":
        // Nobody leaves before all have come.
        await meet(Number(url.searchParams.get("count")));
        return new Response("met");
      case "/later":
        context.waitUntil(sleep(50).then(() => trace("later")));
        return new Response("now");
      case "/reject":
        void Promise.reject(new Error("nobody catches this"));
        return new Response("rejected");
      case "/exit":
        process.exit(7);
        break;
      case "/runtime":
        return new Response(typeof Bun === "undefined" ? "node" : "bun");
      default:
        return new Response("not here", { status: 404 });
    }
  },
};
