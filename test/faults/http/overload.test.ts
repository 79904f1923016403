import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { outcomeOf, phpApp, startRequest } from "../../support/php-app.ts";
import { RawClient } from "../../support/raw-client.ts";
import { until } from "../../support/until.ts";
import { startVilya, type VilyaServer } from "../../support/vilya.ts";

const BUSY_MS = 1_500;

/** Health counts running requests only; what waits shows in what is not answered. */
async function activeCount(server: VilyaServer): Promise<number> {
  const health = (await (await fetch(`${server.url}/health`)).json()) as { active: number };
  return health.active;
}

describe("when every worker is busy", () => {
  test("backpressure without a queue answers 503 with Retry-After at once", async () => {
    await using server = await startVilya({
      config: phpApp({ workers: { count: 1, retry_after: 7, backpressure: { enabled: true, max_queue: 0 } } }),
    });
    const running = await startRequest(server, BUSY_MS);
    const refused = await fetch(`${server.url}/`);
    expect(refused.status).toBe(503);
    expect(refused.headers.get("retry-after")).toBe("7");
    expect(await refused.text()).toBe("503 Service Unavailable\n");
    expect(await activeCount(server)).toBe(1);
    expect(await running.outcome).toBe("200 appended");
    expect(await outcomeOf(`${server.url}/echo`)).toStartWith("200 ");
  });

  test("backpressure queues as many as it may and refuses the next", async () => {
    await using server = await startVilya({
      config: phpApp({ workers: { count: 1, backpressure: { enabled: true, max_queue: 2 } } }),
    });
    const running = await startRequest(server, BUSY_MS);
    const outcomes = await Promise.all([1, 2, 3].map(() => outcomeOf(`${server.url}/echo`)));
    expect(outcomes.map((outcome) => outcome.slice(0, 3)).toSorted()).toEqual(["200", "200", "503"]);
    expect(await running.outcome).toBe("200 appended");
  });

  test("queue_timeout lets a request wait that long and no longer", async () => {
    await using server = await startVilya({
      config: phpApp({ workers: { count: 1, queue_timeout: { enabled: true, timeout_ms: 200 } } }),
    });
    const running = await startRequest(server, BUSY_MS);
    expect(await outcomeOf(`${server.url}/echo`)).toBe("503 503 Service Unavailable\n");
    expect(await running.outcome).toBe("200 appended");
  });

  test("a client that leaves while it waits is never run", async () => {
    await using server = await startVilya({ config: phpApp({ workers: { count: 1 } }) });
    const trace = join(server.directory, "trace");
    const running = await startRequest(server, BUSY_MS);
    const leaving = await RawClient.connect(server.port);
    leaving.send(`GET /append?file=${trace}&line=left HTTP/1.1\r\nHost: a\r\n\r\n`);
    const staying = outcomeOf(`${server.url}/append?file=${trace}&line=stayed`);
    leaving[Symbol.dispose]();
    expect(await running.outcome).toBe("200 appended");
    expect(await staying).toBe("200 appended");
    expect(readFileSync(trace, "utf8")).toBe("stayed\n");
  });

  test("a client that leaves while it is served costs nobody else anything", async () => {
    await using server = await startVilya({ config: phpApp({ workers: { count: 1 } }) });
    const trace = join(server.directory, "trace");
    using leaving = await RawClient.connect(server.port);
    leaving.send(`GET /append?file=${trace}&line=ran&ms=300 HTTP/1.1\r\nHost: a\r\n\r\n`);
    await until("the worker's begin", () => existsSync(trace));
    const [worker] = await server.workerPids();
    leaving.reset();
    expect(await outcomeOf(`${server.url}/pid`)).toBe(`200 ${worker}`);
  });
});
