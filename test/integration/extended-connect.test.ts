import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Http2Client } from "../support/http2-client.ts";
import { headers, request } from "../support/http2-frames.ts";
import { until } from "../support/until.ts";
import { startVilya, type VilyaServer } from "../support/vilya.ts";

const WORKERS = join(import.meta.dir, "../support/workers");

/** What each answerer's answer becomes, by the path that it is asked by; they would all say 200 to a GET. */
const STATUSES = {
  "/fixed": 501,
  "/stub": 501,
  "/pages": 501, // Its workers take no WebSockets.
  "/pid": 501, // The refusal of a worker that holds its sockets itself,
  "/stream?bytes=1000000": 501, // and such a refusal in parts.
  "/upstream/page": 501,
  "/upstream/endless": 501,
  "/files/page.txt": 405, // Files take GET and HEAD.
  "/sockets?refuse=200": 500, // Where workers get events of sockets, 2xx is a fault of theirs.
};

/** A WebSocket that is asked for over HTTP/2 where something answers that speaks none: RFC 8441 §5 has every 2xx for a yes. */
describe("An extended CONNECT", () => {
  let isLetGo = false;
  const endless = () =>
    new ReadableStream({
      start: (controller) => controller.enqueue("begun"),
      cancel: () => void (isLetGo = true),
    });
  let upstream: Bun.Server<undefined>;
  let server: VilyaServer;
  let client: Http2Client;

  beforeAll(async () => {
    upstream = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      fetch: ({ url }) => new Response(url.endsWith("/endless") ? endless() : "a page"),
    });
    const sessions = {
      runtime: "php",
      php: {
        binary: process.execPath,
        worker_script: join(WORKERS, "concurrent.ts"),
        env: { CONCURRENCY: "2", FEATURES: "stream,ping,websocket_session" },
      },
      workers: { count: 1 },
    };
    const php = (script: string) => ({
      runtime: "php",
      php: { worker_script: join(WORKERS, script) },
      workers: { count: 1 },
    });
    server = await startVilya({
      config: {
        apps: { stub: { runtime: "stub" }, sessions, pages: php("by-path.php"), sockets: php("websocket.php") },
        routes: [
          { path: "/fixed", respond: { status: 200, body: "fixed" } },
          { path: "/files/*", static: { root: "public" } },
          { path: "/stub", app: "stub" },
          { path: "/upstream/{rest:path}", proxy: { to: `http://127.0.0.1:${upstream.port}` } },
          { path: "/sockets", app: "sockets" },
          { path: "/pages", app: "pages" },
          { path: "/pid", app: "sessions" },
          { path: "/stream", app: "sessions" },
        ],
        logging: { access: [{ path: "access.log", format: "$request_uri $status" }] },
      },
      files: { "public/files/page.txt": "a file" },
      expectedErrors: ["worker reported an error"],
    });
    client = await Http2Client.connect(server.port);
  });

  afterAll(async () => {
    client[Symbol.dispose]();
    await server[Symbol.asyncDispose]();
    await upstream.stop(true);
  });

  test("takes no 2xx for a yes, whoever answers, and access log and metrics have what was sent", async () => {
    for (const [path, status] of Object.entries(STATUSES)) {
      const stream = client.nextStreamId();
      const asked = [...request(path, "CONNECT"), [":protocol", "websocket"], ["sec-websocket-version", "13"]] as const;
      client.send(headers(stream, asked, false));
      expect([path, (await client.untilEnded(stream)).status]).toEqual([path, status]);
    }
    await until("the upstream to hear that nobody reads on", () => isLetGo);
    const expected = Object.entries(STATUSES).map(([path, status]) => `${path} ${status}`);
    const log = join(server.directory, "access.log");
    await until("the lines", () => existsSync(log) && readFileSync(log, "utf8") === `${expected.join("\n")}\n`);
    const { port } = await server.logged("admin listening");
    const metrics = await (await fetch(`http://127.0.0.1:${String(port)}/metrics`)).text();
    expect(metrics).toMatch(/^vilya_http_requests_total\{.*status="5xx"/m);
    expect(metrics).not.toMatch(/^vilya_http_requests_total\{.*status="2xx"/m);
  });
});
