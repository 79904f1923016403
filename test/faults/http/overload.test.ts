import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { holdRequest, outcomeOf, phpApp } from "../../support/php-app.ts";
import { RawClient } from "../../support/raw-client.ts";
import { until } from "../../support/until.ts";
import { startVilya, type VilyaServer } from "../../support/vilya.ts";

async function activeCount(server: VilyaServer): Promise<number> {
  const health = (await (await fetch(`${server.url}/health`)).json()) as { active: number };
  return health.active;
}

/** Waits until so many requests wait for a worker. */
async function untilWaiting(server: VilyaServer, count: number): Promise<void> {
  const { port } = await server.logged("admin listening");
  await until(`${count} requests that wait`, async () => {
    const answer = await fetch(`http://127.0.0.1:${String(port)}/v1/apps`);
    const [app] = (await answer.json()) as { status: { waitingCount: number } }[];
    return app?.status.waitingCount === count;
  });
}

describe("when every worker is busy", () => {
  test("backpressure without a queue answers 503 with Retry-After at once", async () => {
    await using server = await startVilya({
      config: phpApp({ workers: { count: 1, retry_after: 7, backpressure: { enabled: true, max_queue: 0 } } }),
    });
    const running = await holdRequest(server);
    const refused = await fetch(`${server.url}/`);
    expect(refused.status).toBe(503);
    expect(refused.headers.get("retry-after")).toBe("7");
    expect(await refused.text()).toBe("503 Service Unavailable\n");
    expect(await activeCount(server)).toBe(1);
    running.release();
    expect(await running.outcome).toBe("200 appended");
    expect(await outcomeOf(`${server.url}/echo`)).toStartWith("200 ");
  });

  test("backpressure queues as many as it may and refuses the next", async () => {
    await using server = await startVilya({
      config: phpApp({ workers: { count: 1, backpressure: { enabled: true, max_queue: 2 } } }),
    });
    const running = await holdRequest(server);
    const answering = [1, 2, 3].map(() => outcomeOf(`${server.url}/echo`));
    expect(await Promise.race(answering)).toStartWith("503 ");
    running.release();
    const outcomes = await Promise.all(answering);
    expect(outcomes.map((outcome) => outcome.slice(0, 3)).toSorted()).toEqual(["200", "200", "503"]);
    expect(await running.outcome).toBe("200 appended");
  });

  test("queue_timeout lets a request wait that long and no longer", async () => {
    await using server = await startVilya({
      config: phpApp({ workers: { count: 1, queue_timeout: { enabled: true, timeout_ms: 200 } } }),
    });
    const running = await holdRequest(server);
    expect(await outcomeOf(`${server.url}/echo`)).toBe("503 503 Service Unavailable\n");
    running.release();
    expect(await running.outcome).toBe("200 appended");
  });

  test("a client that leaves while it waits is never run", async () => {
    await using server = await startVilya({ config: phpApp({ workers: { count: 1 } }) });
    const trace = join(server.directory, "trace");
    const running = await holdRequest(server);
    const leaving = await RawClient.connect(server.port);
    leaving.send(`GET /append?file=${trace}&line=left HTTP/1.1\r\nHost: a\r\n\r\n`);
    const staying = outcomeOf(`${server.url}/append?file=${trace}&line=stayed`);
    await untilWaiting(server, 2);
    leaving[Symbol.dispose]();
    await untilWaiting(server, 1);
    running.release();
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
