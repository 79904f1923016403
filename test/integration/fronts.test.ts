import { describe, expect, test } from "bun:test";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { FrontSummary, InstanceReport } from "../../src/admin/front-report.ts";
import { vilya } from "../support/command-line.ts";
import { Load } from "../support/load.ts";
import { outcomeOf, phpApp } from "../support/php-app.ts";
import { RawClient } from "../support/raw-client.ts";
import { until } from "../support/until.ts";
import { startVilya, type VilyaServer } from "../support/vilya.ts";

const CLIENTS = ["keep-alive", "keep-alive", "keep-alive", "one each", "one each", "HTTP/2", "HTTP/2"] as const;

const TWO_FRONTS = { fronts: 2, workers: { count: 4 } };

async function reportOf(server: VilyaServer): Promise<InstanceReport> {
  return JSON.parse((await vilya(server, "status", "--json")).out) as InstanceReport;
}

/** Waits until so many fronts are ready. */
function readyFronts(server: VilyaServer, count: number): Promise<readonly FrontSummary[]> {
  return until(`${count} fronts that are ready`, async () => {
    const { fronts } = await reportOf(server);
    return fronts.length === count && fronts.every(({ state }) => state === "ready") && fronts;
  });
}

async function reload(server: VilyaServer, count: number): Promise<void> {
  server.signal("SIGHUP");
  await server.logged("reloaded", count);
}

describe("Fronts side by side", () => {
  test("share the workers and the connections, and tell of themselves as one", async () => {
    await using server = await startVilya({ config: phpApp(TWO_FRONTS) });
    await readyFronts(server, 2);
    const clients = await Promise.all(Array.from({ length: 40 }, () => RawClient.connect(server.port)));
    const workerIds = new Set<number>();
    let askedCount = 0;
    // A worker that is as fast as they come leaves the others nothing.
    await until("an answer of each worker", async () => {
      for (const client of clients) client.received = "";
      for (const client of clients) client.send("GET /worker-id HTTP/1.1\r\nHost: a\r\n\r\n");
      for (const client of clients) {
        await client.until("an answer", ({ received }) => /\r\n\r\n\d+$/.test(received));
        workerIds.add(Number(client.received.slice(client.received.lastIndexOf("\n") + 1)));
      }
      askedCount += clients.length;
      return workerIds.size === 4;
    });
    const { front, fronts } = await until("a report of both", async () => {
      const report = await reportOf(server);
      return report.front?.pools[0]?.status.counters.servedCount === askedCount && report;
    });
    for (const client of clients) client[Symbol.dispose]();
    expect([...workerIds].toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4]);
    expect(front?.pools[0]?.status).toMatchObject({ workerCount: 4, desiredCount: 4 });
    expect(front?.listeners[0]?.connectionCount).toBe(40);
    expect(fronts.reduce((sum, { connectionCount }) => sum + connectionCount, 0)).toBe(40);
    // By the kernel's hash: that one of them gets fewer than four has a chance of one in ten million.
    for (const { connectionCount } of fronts) expect(connectionCount).toBeGreaterThanOrEqual(4);
  });

  test("add up their metrics, and go on counting when one of them dies", async () => {
    await using server = await startVilya({ config: phpApp(TWO_FRONTS) });
    const { port } = await server.logged("admin listening");
    // A front that is late is left out of one scrape.
    const untilCounted = (expected: number) =>
      until(`${expected} requests`, async () => {
        const text = await (await fetch(`http://127.0.0.1:${String(port)}/metrics`)).text();
        const [, count] = /^vilya_http_requests_total\{app="default".*\} (\d+)$/m.exec(text) ?? [];
        return Number(count) === expected;
      });
    for (let count = 1; count <= 30; count++) expect(await outcomeOf(`${server.url}/pid`)).toStartWith("200 ");
    await untilCounted(30);
    server.signal("SIGKILL", (await server.frontPids(2))[0]);
    await server.logged("front started", 3);
    await readyFronts(server, 2);
    await untilCounted(30);
    for (let count = 1; count <= 10; count++) await outcomeOf(`${server.url}/pid`);
    await untilCounted(40);
  });

  test("recycle, scale and stop together", async () => {
    await using server = await startVilya({ config: phpApp(TWO_FRONTS) });
    await readyFronts(server, 2);
    expect((await vilya(server, "scale", "default", "7")).code).toBe(0);
    const workers = async () => (await reportOf(server)).front!.pools[0]!.workers;
    await until("7 workers", async () => (await workers()).filter(({ state }) => state === "ready").length === 7);
    const before = new Set((await workers()).map(({ pid }) => pid));
    expect((await vilya(server, "recycle")).code).toBe(0);
    await until("other workers", async () => {
      const now = await workers();
      return now.length === 7 && now.every(({ pid, state }) => state === "ready" && !before.has(pid));
    });
    expect((await server.stop()).exitCode).toBe(0);
  });

  test("serve a Unix socket all together", async () => {
    const config = phpApp({ ...TWO_FRONTS, server: { listeners: [{ path: "v.sock" }] } });
    await using server = await startVilya({ config });
    const [first, second] = await server.frontPids(2);
    const path = join(server.directory, "v.sock");
    const ask = async () => (await fetch("http://localhost/pid", { unix: path, keepalive: false })).status;
    expect(await ask()).toBe(200);
    server.signal("SIGSTOP", first);
    for (let count = 1; count <= 5; count++) expect(await ask()).toBe(200);
    server.signal("SIGCONT", first);
    server.signal("SIGSTOP", second);
    for (let count = 1; count <= 5; count++) expect(await ask()).toBe(200);
    server.signal("SIGCONT", second);
  });

  test("have a worker each where the app has fewer", async () => {
    await using server = await startVilya({ config: phpApp({ fronts: 3, workers: { count: 2 } }) });
    await readyFronts(server, 3);
    await until("3 workers", async () => (await reportOf(server)).front?.pools[0]?.status.workerCount === 3);
  });
});

describe("New workers of fronts side by side", () => {
  test("take over in all of them or in none", async () => {
    const script = `<?php
      if (is_file('broken') && getenv('VILYA_WORKER_ID') % 2 === 0) exit(1);
      require '${join(import.meta.dir, "../support/workers/by-path.php")}';`;
    const expectedErrors = [
      "worker failed to start",
      "workers keep failing",
      "not reloaded, everything stays as it is",
    ];
    await using server = await startVilya({
      config: phpApp({ ...TWO_FRONTS, php: { worker_script: "own.php" } }),
      files: { "own.php": script },
      expectedErrors,
    });
    await readyFronts(server, 2);
    const generations = async () => {
      const { front } = await reportOf(server);
      const ready = front!.pools[0]!.workers.filter(({ state }) => state === "ready");
      return ready.map(({ id, generation }) => `${id % 2} ${generation}`).toSorted((a, b) => a.localeCompare(b));
    };
    // Those of the second front do not start, and those of the first could.
    writeFileSync(join(server.directory, "broken"), "");
    const { code, err } = await vilya(server, "reload", "default");
    expect([code, err]).toEqual([1, expect.stringContaining("a worker exited with code 1")]);
    await until("the old workers alone", async () => Bun.deepEquals(await generations(), ["0 1", "0 1", "1 1", "1 1"]));
    rmSync(join(server.directory, "broken"));
    expect((await vilya(server, "reload", "default")).code).toBe(0);
    await until("the new workers alone", async () => Bun.deepEquals(await generations(), ["0 2", "0 2", "1 2", "1 2"]));
  });
});

describe("Fronts side by side, under load", () => {
  test("lose no request when they are replaced, or their workers", async () => {
    await using server = await startVilya({ config: phpApp(TWO_FRONTS) });
    const load = new Load(server.port, CLIENTS);
    for (let count = 1; count <= 4; count++) {
      const servedCount = load.tally.served;
      if (count % 2 === 1) server.configure(phpApp({ ...TWO_FRONTS, workers: { count: 4, timeout: 30 + count } }));
      await reload(server, count);
      await until("requests after it", () => load.tally.served > servedCount + 50);
    }
    expect((await load.stop()).lost).toEqual([]);
    const kinds = server.log.filter(({ event }) => event === "reloaded").map(({ kind }) => kind);
    expect(kinds).toEqual(["new-front", "workers", "new-front", "workers"]);
    await server.logged("front retired", 4);
  });

  test("lose no request when they become more and fewer", async () => {
    await using server = await startVilya({ config: phpApp({ workers: { count: 3 } }) });
    const load = new Load(server.port, CLIENTS);
    for (const [index, fronts] of [3, 1, 2].entries()) {
      const servedCount = load.tally.served;
      server.configure(phpApp({ fronts, workers: { count: 3 } }));
      await reload(server, index + 1);
      await readyFronts(server, fronts);
      await until("requests after it", () => load.tally.served > servedCount + 100);
    }
    expect((await load.stop()).lost).toEqual([]);
  });

  test("lose no request when another version takes over", async () => {
    await using server = await startVilya({ config: phpApp(TWO_FRONTS) });
    const load = new Load(server.port, CLIENTS);
    server.signal("SIGUSR2");
    await server.logged("upgraded, the new master serves");
    await server.exited;
    const servedCount = load.tally.served;
    await until("requests after it", () => load.tally.served > servedCount + 100);
    expect((await load.stop()).lost).toEqual([]);
    await readyFronts(server, 2);
    const { masterPid } = await reportOf(server);
    server.signal("SIGTERM", masterPid);
    await until("the end of the new master", () => server.processes().length === 0);
  });

  test("stay as they are when the workers of new ones do not start", async () => {
    const expectedErrors = [
      "worker failed to start",
      "workers keep failing",
      "front cannot start",
      "not reloaded, everything stays as it is",
    ];
    const files = { "broken.php": "<?php exit(1);" };
    await using server = await startVilya({ config: phpApp(TWO_FRONTS), expectedErrors, files });
    const load = new Load(server.port, CLIENTS);
    const before = await server.frontPids(2);
    server.configure(phpApp({ ...TWO_FRONTS, php: { worker_script: "broken.php" } }));
    expect((await vilya(server, "reload")).code).toBe(1);
    const servedCount = load.tally.served;
    await until("requests after it", () => load.tally.served > servedCount + 50);
    expect((await load.stop()).lost).toEqual([]);
    expect(await server.frontPids(2)).toEqual(before);
  });
});
