/**
 * A TypeScript application in one file, kept warm by Vilya: what examples/php/worker.php is in PHP.
 *
 *     vilya serve --config examples/typescript/vilya.yaml
 *
 *     curl localhost:8888/                  JSON about this process
 *     curl localhost:8888/hello/World       a greeting
 *     curl -d 'any text' localhost:8888/echo    the request, as the handler sees it
 *     curl 'localhost:8888/slow?ms=500'     an answer that takes its time
 *     curl localhost:8888/healthz           whether the application is well
 *
 * What stands at the top level happens once in a process; `fetch` happens once a request, many at a time.
 */
import type { App, Context } from "vilya";

/** A request may wait for this long at most. */
const SLOW_MS_MAX = 10_000;

const startedMs = performance.now();
let servedCount = 0;

async function answer(request: Request, context: Context): Promise<Response> {
  servedCount++;
  const { pathname, searchParams } = new URL(request.url);
  switch (pathname) {
    case "/":
      return json({
        message: "Hello from a warm TypeScript process",
        runtime: `${process.release.name} ${process.version}`,
        process: process.pid,
        requests_served: servedCount,
        warm_for_seconds: Number(((performance.now() - startedMs) / 1_000).toFixed(3)),
      });
    case "/healthz":
      return json({ status: "ok" });
    case "/echo":
      return json({
        method: request.method,
        url: request.url,
        headers: Object.fromEntries(request.headers),
        remoteAddress: context.remoteAddress,
        body: await request.text(),
      });
    case "/slow": {
      const ms = Math.min(Math.max(Number(searchParams.get("ms") ?? 1_000) || 0, 0), SLOW_MS_MAX);
      await new Promise((resolve) => {
        setTimeout(resolve, ms);
      });
      return new Response(`That took ${ms} ms.\n`);
    }
    default: {
      const name = /^\/hello\/([^/]+)$/.exec(pathname)?.[1];
      if (name !== undefined) return new Response(`Hello, ${decodeURIComponent(name)}!\n`);
      return json({ error: "Not Found", path: pathname }, 404);
    }
  }
}

function json(value: unknown, status = 200): Response {
  const headers = { "content-type": "application/json" };
  return new Response(`${JSON.stringify(value, null, 4)}\n`, { status, headers });
}

const app: App = { fetch: answer };

export default app;
