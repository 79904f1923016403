import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { connect } from "node:http2";
import { join } from "node:path";

import { phpApp } from "../support/php-app.ts";
import { RawClient } from "../support/raw-client.ts";
import { startVilya, type VilyaServer } from "../support/vilya.ts";

const SUPPORT = join(import.meta.dir, "../support");

const MODULE = join(SUPPORT, "apps/by-path.mjs");
const workers = { count: 1 };
const RUNTIMES = ["php", "bun", "node"] as const;

/** The same paths in each runtime, by the name of the host. */
const config = {
  apps: {
    php: { ...phpApp({ php: { worker_script: join(SUPPORT, "workers/stream.php") } }), workers },
    bun: { runtime: "bun", entry: MODULE, workers },
    node: { runtime: "node", entry: MODULE, workers },
  },
  routes: RUNTIMES.map((name) => ({ host: name, app: name })),
};

interface Target {
  readonly server: VilyaServer;
  readonly host: string;
}

/** The answer to a GET over HTTP/1.1, without its date. */
async function get(
  { server, host }: Target,
  path: string,
  fields = "TE: trailers\r\n",
  version = "1.1",
): Promise<string> {
  using client = await RawClient.connect(server.port);
  client.send(`GET ${path} HTTP/${version}\r\nHost: ${host}\r\n${fields}Connection: close\r\n\r\n`);
  return (await client.untilEnd()).replace(/Date: .*\r\n/, "");
}

/** The trailers of an answer over HTTP/2, and what its head says of them. */
async function getHttp2({ server, host }: Target, path: string, te: string | null): Promise<unknown> {
  const session = connect(server.url);
  const stream = session.request({ ":path": path, ":authority": host, ...(te !== null && { te }) });
  const seen: Record<string, unknown> = {};
  stream.on("response", ({ trailer }) => (seen["named"] = trailer));
  stream.on("trailers", (fields) => (seen["trailers"] = { ...fields }));
  let body = "";
  for await (const chunk of stream) body += String(chunk);
  session.close();
  return { ...seen, body };
}

describe("trailers", () => {
  let server: VilyaServer;

  beforeAll(async () => {
    server = await startVilya({ config, expectedErrors: ["worker reported an error"] });
  });

  afterAll(() => server[Symbol.asyncDispose]());

  describe.each(RUNTIMES)("of a %s app", (runtime) => {
    const target = (): Target => ({ server, host: runtime });

    test("follow the last chunk over HTTP/1.1, and end the stream over HTTP/2", async () => {
      const answer = await get(target(), "/trailers");
      expect(answer).toContain("\r\nTransfer-Encoding: chunked\r\n");
      expect(answer).toContain("\r\nTrailer: X-Rows\r\n");
      const [, trailers = ""] = answer.split("\r\n4\r\nrows\r\n0\r\n");
      expect(valuesOf(trailers)).toEqual(["1", "2"]);
      expect(await getHttp2(target(), "/trailers", "trailers")).toMatchObject({
        named: "X-Rows",
        trailers: { "x-rows": "1, 2" },
        body: "rows",
      });
    });

    test("are for clients that keep them", async () => {
      for (const answer of [await get(target(), "/trailers", ""), await get(target(), "/trailers", "TE: gzip\r\n")]) {
        expect(answer).toEndWith("\r\n4\r\nrows\r\n0\r\n\r\n");
        expect(answer).not.toContain("Trailer:");
      }
      expect(await get(target(), "/trailers", "TE: trailers\r\n", "1.0")).toEndWith("\r\n\r\nrows");
      expect(await getHttp2(target(), "/trailers", null)).toEqual({ named: undefined, body: "rows" });
    });

    test("that frame, route or authenticate are refused, and the body is cut", async () => {
      expect(await get(target(), "/trailers?name=Content-Length")).not.toEndWith("0\r\n\r\n");
      expect(await server.logged("worker reported an error", RUNTIMES.indexOf(runtime) + 1)).toMatchObject({
        error: expect.stringContaining("Cannot send the trailer Content-Length"),
      });
    });
  });

  test.each(["bun", "node"])("of a %s app follow a body that is there at once, too", async (host) => {
    expect(await get({ server, host }, "/trailers-of-text")).toEndWith("\r\n4\r\nrows\r\n0\r\nX-Rows: 1\r\n\r\n");
  });
});

/** The values of the lines, or of the one line that joins them. */
function valuesOf(trailers: string): readonly string[] {
  return trailers
    .trim()
    .split("\r\n")
    .flatMap((line) => line.replace(/^x-rows: /i, "").split(", "));
}
