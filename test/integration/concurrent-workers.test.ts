import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { Http2Client } from "../support/http2-client.ts";
import { reset } from "../support/http2-frames.ts";
import { outcomeOf } from "../support/php-app.ts";
import { RawClient } from "../support/raw-client.ts";
import { STALL_PROOF_S, until } from "../support/until.ts";
import { startVilya, type VilyaServer } from "../support/vilya.ts";

/** One worker of the tests' own runtime, which runs a hundred requests at a time. */
function start(workers: Readonly<Record<string, unknown>> = {}): Promise<VilyaServer> {
  const script = join(import.meta.dir, "../support/workers/concurrent.ts");
  return startVilya({
    config: {
      runtime: "php",
      php: { binary: process.execPath, worker_script: script, env: { CONCURRENCY: "100" } },
      workers: { count: 1, ...workers },
    },
  });
}

describe("A worker that runs a hundred requests at a time", () => {
  test("sleeps for all connections at once", async () => {
    await using server = await start();
    const startMs = performance.now();
    const outcomes = await Promise.all(
      Array.from({ length: 60 }, () => fetch(`${server.url}/sleep?ms=200`).then((response) => response.text())),
    );
    expect(new Set(outcomes)).toEqual(new Set(["slept 200"]));
    expect(performance.now() - startMs).toBeLessThan(60 * 200);
    expect(Number((await outcomeOf(`${server.url}/most-running`)).slice("200 ".length))).toBeGreaterThan(10);
  });

  test("answers the streams of one HTTP/2 connection as each is ready", async () => {
    await using server = await start();
    using client = await Http2Client.connect(server.port);
    const slow = client.request("/hold");
    const fast = Array.from({ length: 50 }, (_, i) => client.request(`/${i}`));
    await until("the answers", () => fast.every((stream) => client.response(stream).isEnded));
    expect(fast.map((stream) => client.response(stream).body)).toEqual(fast.map((_, i) => `/${i}`));
    expect(client.response(slow).isEnded).toBe(false);
  });

  test("is told when a client leaves: by its end, by a reset, and by a reset of its stream", async () => {
    await using server = await start();
    const untilRunning = (count: number): Promise<unknown> =>
      until(`${count} requests`, async () => (await outcomeOf(`${server.url}/running`)) === `200 ${count}`);
    for (const leave of ["shutDown", "reset"] as const) {
      using client = await RawClient.connect(server.port);
      client.send("GET /hold HTTP/1.1\r\nHost: a\r\n\r\n");
      await untilRunning(2);
      client[leave]();
      await untilRunning(1);
    }
    using client = await Http2Client.connect(server.port);
    const stream = client.request("/hold");
    await untilRunning(2);
    client.send(reset(stream));
    await untilRunning(1);
    expect(await outcomeOf(`${server.url}/cancelled`)).toBe("200 3");
  });

  test("answers 504 for a request that takes too long, and runs on", async () => {
    await using server = await start({ timeout: STALL_PROOF_S });
    const pid = await outcomeOf(`${server.url}/pid`);
    expect(await outcomeOf(`${server.url}/hold`)).toBe("504 504 Gateway Timeout\n");
    expect(await outcomeOf(`${server.url}/cancelled`)).toBe("200 1");
    expect(await outcomeOf(`${server.url}/pid`)).toBe(pid);
  });
});
