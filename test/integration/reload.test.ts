import { describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";

import { PacedLoad } from "../support/paced-load.ts";
import { outcomeOf, phpApp, startRequest } from "../support/php-app.ts";
import { until } from "../support/until.ts";
import { type LogEntry, startVilya, type VilyaServer } from "../support/vilya.ts";

const RELOAD_COUNT = 20;
const RATE_PER_S = 2_000;
const KINDS = ["keep-alive", "one each", "HTTP/2"] as const;
const REQUESTS_BETWEEN = 100;

/** For a machine that is busy with other things, too. */
const LOAD_TIMEOUT_MS = 240_000;
const BY_PATH = join(import.meta.dir, "../support/workers/by-path.php");

/** Changes the server's configuration on disk. */
function configure(server: VilyaServer, sections: Readonly<Record<string, unknown>>): void {
  server.configure(phpApp(sections));
}

/** What has come of the reloads so far. */
function reloadsOf({ log }: VilyaServer): readonly LogEntry[] {
  return log.filter(({ event }) => event === "reloaded" || event.startsWith("not reloaded"));
}

/** Asks for a reload and waits for what comes of it. */
async function reload(server: VilyaServer): Promise<LogEntry> {
  const { length } = reloadsOf(server);
  server.signal("SIGHUP");
  return until("a reload", () => reloadsOf(server)[length]);
}

async function awaitWorkers(server: VilyaServer, known: readonly number[]): Promise<void> {
  await until("other workers", async () => {
    const pids = await server.workerPids();
    return pids.length === known.length && !pids.some((pid) => known.includes(pid));
  });
}

/** Reloads again and again while requests come at a constant rate, each as whoever reloads wants it; none of them may be lost. */
async function reloadUnderLoad(server: VilyaServer, reloadOnce: (count: number) => Promise<void>): Promise<void> {
  const load = new PacedLoad(server.port, RATE_PER_S, KINDS);
  for (let count = 1; count <= RELOAD_COUNT; count++) {
    await reloadOnce(count);
    await load.served(REQUESTS_BETWEEN);
  }
  expect((await load.stop()).lost).toEqual([]);
}

describe(`at ${RATE_PER_S} requests a second, ${RELOAD_COUNT} reloads`, () => {
  test(
    "of a configuration by a new front lose no request",
    async () => {
      await using server = await startVilya({ config: phpApp() });
      await reloadUnderLoad(server, async (count) => {
        configure(server, { workers: { count: 2, timeout: 30 + count } });
        expect(await reload(server)).toMatchObject({ kind: "new-front", changedKeys: ["workers.timeout"] });
      });
      await server.logged("front retired", RELOAD_COUNT);
    },
    LOAD_TIMEOUT_MS,
  );

  test(
    "of a configuration in place lose no request",
    async () => {
      await using server = await startVilya({ config: phpApp() });
      const front = await server.frontPid();
      await reloadUnderLoad(server, async (count) => {
        configure(server, { workers: { count: 2 + (count % 2) } });
        expect(await reload(server)).toMatchObject({ kind: "in-place", changedKeys: ["workers.count"] });
      });
      expect(await server.frontPid()).toBe(front);
    },
    LOAD_TIMEOUT_MS,
  );

  test(
    "of the code of an app lose no request",
    async () => {
      await using server = await startVilya({ config: phpApp() });
      const front = await server.frontPid();
      await reloadUnderLoad(server, async () => {
        const pids = await server.workerPids();
        expect(await reload(server)).toMatchObject({ event: "reloaded", kind: "workers" });
        await awaitWorkers(server, pids);
      });
      expect(await server.frontPid()).toBe(front);
    },
    LOAD_TIMEOUT_MS,
  );
});

describe("a reload", () => {
  test("runs the code that a symbolic link points to now", async () => {
    const files = {
      "one/worker.php": `<?php require '${BY_PATH}';`,
      "two/worker.php": `<?php require '${BY_PATH}';`,
    };
    await using server = await startVilya({ config: phpApp({ php: { worker_script: "one/worker.php" } }), files });
    configure(server, { php: { worker_script: "two/worker.php" } });
    await reload(server);
    expect(await outcomeOf(`${server.url}/env`)).toContain("two\\/worker.php");
  });

  test("lets a request that runs come to its end in the front it came to", async () => {
    await using server = await startVilya({ config: phpApp() });
    const front = await server.frontPid();
    const running = await startRequest(server, 600);
    configure(server, { workers: { count: 1, timeout: 31 } });
    await reload(server);
    expect(await server.frontPid(front)).not.toBe(front);
    expect(await running.outcome).toBe("200 appended");
  });

  test("opens new addresses, keeps those that stay and closes those that are gone", async () => {
    await using server = await startVilya({ config: phpApp() });
    const { url } = server;
    const listeners = [{ host: "127.0.0.1", port: 0 }, { path: "v.sock" }];
    configure(server, { server: { listeners } });
    await reload(server);
    expect(await outcomeOf(`${url}/other`)).toStartWith("200 ");
    const unix = join(server.directory, "v.sock");
    expect(await (await fetch("http://a.test/other", { unix })).text()).toStartWith("served ");
    configure(server, { server: { listeners: listeners.slice(1) } });
    await reload(server);
    await server.logged("front retired", 2);
    expect(await outcomeOf(`${url}/other`)).toBe("failed");
  });

  test.each([
    ["a configuration with a mistake", { workers: { cuont: 2 } }, "configuration refused"],
    ["a script that is not there", { php: { worker_script: "gone.php" } }, "configuration refused"],
  ])("refuses %s, and everything stays", async (_, sections, event) => {
    const expectedErrors = ["configuration refused", "not reloaded, everything stays as it is"];
    await using server = await startVilya({ config: phpApp(), expectedErrors });
    const pids = [await server.frontPid(), ...(await server.workerPids())];
    configure(server, sections);
    expect(await reload(server)).toMatchObject({ event: "not reloaded, everything stays as it is" });
    expect(server.log.map((entry) => entry.event)).toContain(event);
    expect(await outcomeOf(`${server.url}/other`)).toStartWith("200 ");
    expect([await server.frontPid(), ...(await server.workerPids())]).toEqual(pids);
  });

  test("refuses an address that is taken, and opens none of the others", async () => {
    using stranger = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
    const expectedErrors = ["not reloaded, everything stays as it is"];
    await using server = await startVilya({ config: phpApp(), expectedErrors });
    configure(server, { server: { listeners: [{ path: "v.sock" }, { host: "127.0.0.1", port: stranger.port }] } });
    expect(JSON.stringify(await reload(server))).toContain(
      `127.0.0.1:${stranger.port}: another process holds the port`,
    );
    expect(existsSync(join(server.directory, "v.sock"))).toBe(false);
    expect(await outcomeOf(`${server.url}/other`)).toStartWith("200 ");
  });

  test("keeps the old front when the workers of the new one do not start", async () => {
    const expectedErrors = [
      "not reloaded, everything stays as it is",
      "front cannot start",
      "worker failed to start",
      "worker crashed",
      "workers keep failing",
    ];
    await using server = await startVilya({ config: phpApp(), expectedErrors, files: { "bad.php": "<?php exit(1);" } });
    const front = await server.frontPid();
    configure(server, { php: { worker_script: "bad.php" } });
    const outcome = await reload(server);
    expect(outcome.event).toBe("not reloaded, everything stays as it is");
    expect(JSON.stringify(outcome)).toContain("its workers do not start");
    expect(await outcomeOf(`${server.url}/other`)).toStartWith("200 ");
    expect(await server.frontPid()).toBe(front);
    configure(server, { workers: { count: 1, timeout: 31 } });
    expect(await reload(server)).toMatchObject({ event: "reloaded", kind: "new-front" });
  });

  test("that is asked for during a reload follows it; during a stop there is none", async () => {
    await using server = await startVilya({ config: phpApp(), files: { "never-ready.php": "<?php sleep(999);" } });
    configure(server, { workers: { count: 1, timeout: 31 } });
    server.signal("SIGHUP");
    await server.logged("reloading");
    configure(server, { workers: { count: 3, timeout: 32 } });
    server.signal("SIGHUP");
    await until("both reloads", () => reloadsOf(server).length === 2);
    await server.logged("front retired", 2);
    expect(await server.workerPids()).toHaveLength(3);
    configure(server, { php: { worker_script: "never-ready.php" } });
    server.signal("SIGHUP");
    server.signal("SIGTERM");
    expect((await server.stop(null)).exitCode).toBe(0);
    expect(server.log.map(({ event }) => event)).toContain("not reloaded, a stop came first");
  });
});
