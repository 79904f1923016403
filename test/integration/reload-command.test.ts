import { describe, expect, test } from "bun:test";
import { renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { ReloadReport } from "../../src/admin/reload-report.ts";
import { vilya } from "../support/command-line.ts";
import { outcomeOf, phpApp } from "../support/php-app.ts";
import { until } from "../support/until.ts";
import { startVilya, type VilyaServer } from "../support/vilya.ts";

const BY_PATH = join(import.meta.dir, "../support/workers/by-path.php");
const GOOD = `<?php require '${BY_PATH}';`;
const BAD = '<?php fwrite(STDERR, "no route to db.internal\\n"); exit(7);';
const REFUSED = "not reloaded, everything stays as it is";
const FAILED_STARTS = [REFUSED, "worker failed to start", "workers keep failing", "front cannot start"];

/** A server whose worker's script is its own. */
function startOwn(): Promise<VilyaServer> {
  const config = phpApp({ php: { worker_script: "own.php" } });
  return startVilya({ config, files: { "own.php": GOOD }, expectedErrors: FAILED_STARTS });
}

async function reload(server: VilyaServer, ...args: readonly string[]): Promise<ReloadReport> {
  return JSON.parse((await vilya(server, "reload", "--json", ...args)).out) as ReloadReport;
}

describe("vilya reload", () => {
  test("returns when new workers serve, of one app or of all", async () => {
    await using server = await startVilya({ config: phpApp() });
    const old = await server.workerPids();
    expect(await reload(server)).toMatchObject({
      kind: "workers",
      reason: null,
      changes: [],
      apps: [{ app: "default", failure: null }],
    });
    const next = Number((await outcomeOf(`${server.url}/pid`)).slice("200 ".length));
    expect(old).not.toContain(next);
    const { code, out } = await vilya(server, "reload", "default");
    expect([code, out.replace(/\d+ ms/, "N ms")]).toEqual([
      0,
      "reloaded: new workers serve (N ms)\n  app default  new workers\n",
    ]);
    expect((await vilya(server, "reload", "shop")).err).toContain('there is no app "shop", default is allowed');
  });

  test("applies numbers of workers and the log's level in place", async () => {
    await using server = await startVilya({ config: phpApp() });
    const front = await server.frontPid();
    server.configure(phpApp({ workers: { count: 3 }, logging: { level: "debug" } }));
    expect((await reload(server)).changes).toEqual([
      { key: "logging.level", applied: "in-place" },
      { key: "workers.count", applied: "in-place" },
    ]);
    expect(await server.frontPid()).toBe(front);
    await until("the old workers' end", async () => (await server.workerPids()).length === 3);
    await server.logged("worker ready");
    server.signal("SIGKILL", front);
    await server.frontPid(front);
    await until("as many workers of the next front", async () => (await server.workerPids()).length === 3);
  });

  test("has the master say where it serves when that has changed, and only then", async () => {
    await using server = await startVilya({ config: phpApp() });
    await reload(server);
    const listeners = [{ host: "127.0.0.1", port: 0 }, { path: join(server.directory, "extra.sock") }];
    server.configure(phpApp({ server: { listeners, host: undefined, port: undefined } }));
    expect(await reload(server)).toMatchObject({ kind: "new-front" });
    const said = await until("two lines", () => {
      const lines = server.stdout.split("\n").filter((line) => line.includes(" serving "));
      return lines.length > 1 && lines;
    });
    expect(said).toEqual([expect.not.stringContaining(".sock"), expect.stringContaining("extra.sock")]);
  });

  test("says which change takes a new front, and which a restart, until there was one", async () => {
    await using server = await startVilya({ config: phpApp() });
    const front = await server.frontPid();
    server.configure(phpApp({ workers: { count: 2, timeout: 31 }, name: "other" }));
    expect(await reload(server)).toMatchObject({
      kind: "new-front",
      changes: [
        { key: "name", applied: "restart" },
        { key: "workers.timeout", applied: "new-front" },
      ],
    });
    expect(await server.frontPid(front)).not.toBe(front);
    const { code, out } = await vilya(server, "reload");
    expect([code, out]).toEqual([0, expect.stringContaining("  name  needs a restart, stays as it was\n")]);
  });

  test("keeps the old workers when the new ones do not start, and shows their last words to the operator alone", async () => {
    await using server = await startOwn();
    const pids = await server.workerPids();
    writeFileSync(join(server.directory, "own.php"), BAD);
    const { code, err } = await vilya(server, "reload", "default");
    expect([code, err]).toEqual([
      1,
      "error: cannot reload app default: a worker exited with code 7; its old workers stay\n" +
        "  app default  a worker exited with code 7\n    | no route to db.internal\n",
    ]);
    await until("the old workers alone", async () => Bun.deepEquals(await server.workerPids(), pids));
    expect(await outcomeOf(`${server.url}/other`)).toStartWith("200 ");
    writeFileSync(join(server.directory, "own.php"), GOOD);
    expect((await vilya(server, "reload", "default")).code).toBe(0);
  });

  test("keeps the old front when the workers of the new one do not start, and shows their last words", async () => {
    await using server = await startOwn();
    writeFileSync(join(server.directory, "own.php"), BAD);
    server.configure(phpApp({ php: { worker_script: "own.php" }, workers: { count: 2, timeout: 31 } }));
    expect(await reload(server)).toMatchObject({
      kind: "refused",
      reason: expect.stringContaining("its workers do not start"),
      changes: [{ key: "workers.timeout", applied: "refused" }],
      apps: [{ app: "default", failure: { stderr: ["no route to db.internal"] } }],
    });
    expect(await outcomeOf(`${server.url}/other`)).toStartWith("200 ");
  });

  test("shows every mistake in the configuration with its place, and exits as serve would", async () => {
    const expectedErrors = [REFUSED, "configuration refused"];
    await using server = await startVilya({ config: phpApp(), expectedErrors });
    server.configure(phpApp({ workers: { cuont: 2 }, logging: { level: "loud" } }));
    const { code, err } = await vilya(server, "reload");
    expect(code).toBe(78);
    expect(err).toContain("error: cannot use workers.cuont");
    expect(err).toContain("error: cannot use logging.level");
    expect(err).toMatch(/\n {2}at \S*vilya\.yaml:\d+:\d+\n/);
  });

  test("has each generation run what a symbolic link pointed to when it was made", async () => {
    const config = phpApp({ php: { worker_script: "current/worker.php" }, workers: { count: 1 } });
    const files = { "one/worker.php": GOOD, "two/worker.php": GOOD };
    const server = await startVilya({ config: { runtime: "stub" }, files });
    await using _ = server;
    const deploy = (release: string): void => {
      symlinkSync(release, join(server.directory, "next"));
      renameSync(join(server.directory, "next"), join(server.directory, "current"));
    };
    const release = async () => /(one|two)\\\/worker\.php/.exec(await outcomeOf(`${server.url}/env`))?.[1];
    deploy("one");
    server.configure(config);
    await reload(server);
    await server.logged("front retired");
    deploy("two");
    const [crashing] = await server.workerPids();
    process.kill(crashing!, "SIGKILL");
    await until("its replacement", async () => (await server.workerPids()).some((pid) => pid !== crashing));
    expect(await release()).toBe("one");
    expect((await reload(server)).kind).toBe("workers");
    expect(await release()).toBe("two");
    rmSync(join(server.directory, "one"), { recursive: true });
    expect(await release()).toBe("two");
  });
});

describe("vilya scale", () => {
  test("starts and retires workers, also for fronts that follow, until a reload", async () => {
    await using server = await startVilya({ config: phpApp() });
    const workerCount = async (count: number): Promise<boolean> =>
      until(`${count} workers`, async () => (await server.workerPids()).length === count);
    const { code, out } = await vilya(server, "scale", "default", "4");
    expect([code, out]).toEqual([0, "default: 4 workers\n"]);
    await workerCount(4);
    const front = await server.frontPid();
    server.signal("SIGKILL", front);
    await server.frontPid(front);
    await workerCount(4);
    expect((await vilya(server, "scale", "1")).out).toBe("default: 1 worker\n");
    await workerCount(1);
    expect(await outcomeOf(`${server.url}/other`)).toStartWith("200 ");
    await reload(server);
    await workerCount(2);
  });

  test("moves the bounds of a pool that scales where it is beyond them", async () => {
    await using server = await startVilya({
      config: phpApp({ workers: { count: 2, min_workers: 1, max_workers: 3 } }),
    });
    const size = JSON.parse((await vilya(server, "scale", "default", "5", "--json")).out) as object;
    expect(size).toEqual({ app: "default", workerCount: 5, workerCountMin: 1, workerCountMax: 5 });
  });

  test("wants a name where there is more than one app, and an app with workers", async () => {
    await using several = await startVilya({
      config: { apps: { shop: phpApp(), api: phpApp() }, routes: [{ path: "/*", app: "shop" }] },
    });
    expect((await vilya(several, "scale", "2")).err).toBe(
      "error: cannot scale an app: none is named, one of shop, api is allowed\n  try: vilya scale shop 2\n",
    );
    await using none = await startVilya({ config: { runtime: "stub" } });
    expect((await vilya(none, "scale", "2")).err).toBe(
      "error: cannot scale an app: there is none that has workers, one is needed\n  try: vilya status\n",
    );
  });

  test.each([
    [["default", "0"], 2],
    [["default", "1025"], 2],
    [["default"], 2],
    [["1025"], 2],
    [[], 2],
    [["shop", "2"], 1],
  ])("refuses %p", async (args, expected) => {
    await using server = await startVilya({ config: phpApp() });
    const { code, err } = await vilya(server, "scale", ...args);
    expect([code, err]).toEqual([expected, expect.stringContaining("error: cannot ")]);
  });
});
