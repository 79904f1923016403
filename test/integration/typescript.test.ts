import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { RawClient } from "../support/raw-client.ts";
import { until } from "../support/until.ts";
import { startVilya, type VilyaOptions, type VilyaServer } from "../support/vilya.ts";

const APP = join(import.meta.dir, "../support/apps/by-path.mjs");

/** What workers run on; the app and what clients see are the same. */
const RUNTIMES = ["bun", "node"] as const;

function serveApp(runtime: string, options: VilyaOptions = {}): Promise<VilyaServer> {
  const env = { TRACE_FILE: "trace.txt" };
  return startVilya({ ...options, config: { runtime, entry: APP, env, workers: { count: 1 }, ...options.config } });
}

function traced(server: VilyaServer): readonly string[] {
  const path = join(server.directory, "trace.txt");
  return existsSync(path) ? readFileSync(path, "utf8").trimEnd().split("\n") : [];
}

describe.each(RUNTIMES)("an app on %s", (runtime) => {
  test("gets requests as the platform's Request, and answers with its Response", async () => {
    await using server = await serveApp(runtime);
    expect(await (await fetch(`${server.url}/runtime`)).text()).toBe(runtime);
    const seen = await fetch(`${server.url}/request?a=%20b&a=c`, { headers: { "x-name": "value" } });
    expect(await seen.json()).toMatchObject({
      url: `${server.url}/request?a=%20b&a=c`,
      method: "GET",
      headers: { "x-name": "value", host: `127.0.0.1:${server.port}` },
      remoteAddress: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
      timeoutMs: 30_000,
      route: null,
      params: {},
    });
    const echo = await fetch(`${server.url}/echo`, { method: "PATCH", body: "\u00e9\0" });
    expect([echo.headers.get("x-method"), await echo.text()]).toEqual(["PATCH", "\u00e9\0"]);
    const cookies = await fetch(`${server.url}/cookies`);
    expect([cookies.status, cookies.headers.getSetCookie(), cookies.headers.get("x-latin")]).toEqual([
      204,
      ["a=1; Path=/", "b=2"],
      "caf\u00e9",
    ]);
    expect((await fetch(`${server.url}/elsewhere`)).status).toBe(404);
  });

  test("takes and sends bodies that are larger than any buffer", async () => {
    await using server = await serveApp(runtime);
    const body = new Uint8Array(3_000_000).fill(7);
    expect(await (await fetch(`${server.url}/length`, { method: "POST", body })).text()).toBe("3000000");
    for (const path of ["/large", "/file"]) {
      const response = await fetch(`${server.url}${path}?bytes=9000000`);
      expect([path, response.headers.get("content-length")]).toEqual([path, "9000000"]);
      expect((await response.bytes()).length).toBe(9_000_000);
    }
    const head = await fetch(`${server.url}/large?bytes=1000`, { method: "HEAD" });
    expect([head.status, await head.text()]).toEqual([200, ""]);
  });

  test("streams: bytes leave as they come, and it learns that the client has left", async () => {
    await using server = await serveApp(runtime);
    using client = await RawClient.connect(server.port);
    client.send("GET /ticks HTTP/1.1\r\nHost: a\r\n\r\n");
    await client.until("ticks", ({ received }) => received.split("tick").length > 3);
    client.reset();
    await until("the app to know", () => traced(server).includes("aborted") && traced(server).includes("cancelled"));
    expect((await fetch(`${server.url}/runtime`)).status).toBe(200);
  });

  test("takes large bodies as files, and streams them where the configuration asks for it", async () => {
    const body = new Uint8Array(20_000_000).fill(7);
    for (const stream_request of [false, true]) {
      const config = {
        workers: { count: 1, stream_request },
        server: { port: 0, host: "127.0.0.1", max_body_size: "32MB" },
      };
      await using server = await serveApp(runtime, { config });
      expect(await (await fetch(`${server.url}/length`, { method: "POST", body })).text()).toBe("20000000");
      const echo = await fetch(`${server.url}/echo`, { method: "POST", body });
      expect((await echo.bytes()).length).toBe(20_000_000);
    }
  });

  test("gets forms parsed, and their files from the disk", async () => {
    const form = new FormData();
    form.append("a", "1");
    form.append("file", new File(["content"], "f.txt"));
    for (const enabled of [true, false]) {
      await using server = await serveApp(runtime, { config: { uploads: { enabled } } });
      const response = await fetch(`${server.url}/form`, { method: "POST", body: form });
      expect(await response.json()).toEqual([
        [
          ["a", "1"],
          ["file", "content"],
        ],
        enabled ? [["f.txt", 7]] : [],
      ]);
    }
  });

  test("runs many requests at a time", async () => {
    await using server = await serveApp(runtime);
    const answers = Array.from({ length: 10 }, async () => (await fetch(`${server.url}/meet?count=10`)).text());
    expect(await Promise.all(answers)).toEqual(Array.from({ length: 10 }, () => "met"));
  });

  test("that throws costs one request: 500 with an id, and the reason in the log", async () => {
    await using server = await serveApp(runtime, { expectedErrors: ["worker reported an error"] });
    for (const path of ["/throw", "/nothing"]) {
      const response = await fetch(server.url + path);
      const text = await response.text();
      expect([response.status, text.includes("secret")]).toEqual([500, false]);
      expect(text).toContain("Error id");
    }
    expect(await server.logged("worker reported an error")).toMatchObject({
      error: expect.stringContaining("the secret reason"),
    });
    expect(await server.logged("worker reported an error", 2)).toMatchObject({
      error: expect.stringContaining("a Response is needed"),
    });
  });

  test("whose body breaks in the middle is cut, never ended cleanly", async () => {
    await using server = await serveApp(runtime, { expectedErrors: ["worker reported an error"] });
    using client = await RawClient.connect(server.port);
    client.send("GET /break HTTP/1.1\r\nHost: a\r\n\r\n");
    expect(await client.untilEnd()).not.toEndWith("0\r\n\r\n");
    await server.logged("worker reported an error");
  });

  test("survives a rejection that nobody catches, and is replaced when it exits", async () => {
    await using server = await serveApp(runtime, { expectedErrors: ["worker crashed"] });
    expect(await (await fetch(`${server.url}/reject`)).text()).toBe("rejected");
    const [pid] = await server.workerPids();
    expect((await fetch(`${server.url}/exit`)).status).toBe(502);
    await until("another worker", async () => {
      const [other] = await server.workerPids();
      return other !== undefined && other !== pid;
    });
    expect((await fetch(`${server.url}/runtime`)).status).toBe(200);
  });

  test("runs its start hook before it serves and its stop hook behind the last request, and finishes what no response waited for", async () => {
    await using server = await serveApp(runtime);
    expect(traced(server)).toEqual(["start"]);
    expect(await (await fetch(`${server.url}/later`)).text()).toBe("now");
    expect((await server.stop()).exitCode).toBe(0);
    expect(traced(server)).toEqual(["start", "later", "stop"]);
  });
});

describe("a module", () => {
  test.each([
    ["that exports nothing to serve", "bun", "app.ts", "export default 7;", "a function is allowed"],
    ["that throws while it is loaded", "bun", "app.ts", "throw new Error('at import');", "at import"],
    ["that does not parse", "bun", "app.ts", "export default {", "error"],
    ["that its runtime does not run", "node", "app.tsx", "export default {};", "runs no such file"],
  ])("%s fails its start with what is wrong in the log", async (_, runtime, entry, source, message) => {
    const expectedErrors = ["worker failed to start", "worker crashed", "workers keep failing"];
    const config = { runtime, entry, workers: { count: 1 } };
    await using server = await startVilya({
      config,
      files: { [entry]: source },
      expectedErrors,
      waitFor: "listening",
    });
    await until("its reason", () => JSON.stringify(server.log).includes(message));
    expect((await fetch(`${server.url}/`)).status).toBe(503);
  });

  test("may export a function, be TypeScript, and import what is beside it", async () => {
    const files = {
      "app.ts": `import { text } from "./text.ts"; export default (request: Request): Response => new Response(text(request.method));`,
      "text.ts": `export function text(method: string): string { return "got " + method; }`,
    };
    const config = { runtime: "bun", entry: "app.ts", workers: { count: 1 } };
    await using server = await startVilya({ config, files });
    expect(await (await fetch(server.url)).text()).toBe("got GET");
  });

  test.each([
    ["CommonJS", "app.cjs", "module.exports = { fetch: () => new Response('served') };"],
    [
      "compiled to CommonJS",
      "app.cjs",
      "Object.defineProperty(exports, '__esModule', { value: true }); exports.default = { fetch: () => new Response('served') };",
    ],
    ["one that exports its fetch by name", "app.mjs", "export const fetch = () => new Response('served');"],
    [
      "one whose app is on its way",
      "app.mjs",
      "export default Promise.resolve({ fetch: () => new Response('served') });",
    ],
    [
      "a router that answers to every name",
      "app.mjs",
      "export default new Proxy({ fetch: () => new Response('served') }, { get: (app, name) => app[name] ?? (() => {}) });",
    ],
    [
      "one that answers what it has thrown",
      "app.mjs",
      "export default { fetch() { throw new Error('served'); }, error: ({ message }) => new Response(message) };",
    ],
    [
      "waiting before it exports",
      "app.mjs",
      "const text = await Promise.resolve('served'); export default () => new Response(text);",
    ],
  ])("may be %s", async (_, entry, source) => {
    for (const runtime of RUNTIMES) {
      const config = { runtime, entry, workers: { count: 1 } };
      await using server = await startVilya({ config, files: { [entry]: source } });
      expect(await (await fetch(server.url)).text()).toBe("served");
    }
  });

  test("is refused before anything is spawned when it is not there", async () => {
    await using server = await startVilya({ config: { runtime: "node", entry: "gone.mjs" }, waitFor: "exit" });
    expect((await server.stop(null)).stderr).toContain("gone.mjs does not exist, a module is allowed");
  });
});

test("any program that speaks the worker protocol serves as a command", async () => {
  const worker = join(import.meta.dir, "../support/workers/by-path.php");
  const config = { runtime: "command", command: ["php", worker], workers: { count: 1 } };
  await using server = await startVilya({ config });
  expect(await (await fetch(`${server.url}/other`)).text()).toBe("served 1");
});
