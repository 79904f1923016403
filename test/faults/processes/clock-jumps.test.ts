import { describe, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "node:tls";

import type { InstanceReport } from "../../../src/admin/front-report.ts";
import type { ReloadReport } from "../../../src/admin/reload-report.ts";
import { testAuthority } from "../../support/certificates.ts";
import { vilya } from "../../support/command-line.ts";
import { Load } from "../../support/load.ts";
import { outcomeOf, phpApp, startRequest } from "../../support/php-app.ts";
import { STALL_PROOF_S, until } from "../../support/until.ts";
import { startVilya, type VilyaServer } from "../../support/vilya.ts";
import { WallClock } from "../../support/wall-clock.ts";

const DAY_S = 86_400;
const JUMPS = [DAY_S, -DAY_S, 40 * 365 * DAY_S, 0] as const;
const CONCURRENT = join(import.meta.dir, "../../support/workers/concurrent.ts");
const CLIENTS = ["keep-alive", "one each", "HTTP/2"] as const;

/** A server whose wall clock can be set. */
async function startWithClock(
  config: Readonly<Record<string, unknown>>,
  files: Readonly<Record<string, string>> = {},
): Promise<{ readonly server: VilyaServer; readonly clock: WallClock } & AsyncDisposable> {
  const directory = mkdtempSync(join(tmpdir(), "vc-"));
  const clock = new WallClock(directory);
  const server = await startVilya({ config, files, environment: clock.environment });
  return {
    server,
    clock,
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      rmSync(directory, { recursive: true });
    },
  };
}

/** What the server takes for the time, by an answer's `Date`. */
async function shownS(server: VilyaServer): Promise<number> {
  const response = await fetch(`${server.url}/other`);
  await response.text();
  return Date.parse(response.headers.get("date") ?? "") / 1_000;
}

describe("A wall clock that jumps", () => {
  test("costs no request, ends no worker and no front, and is shown at once", async () => {
    const php = phpApp({ workers: { count: 2, timeout: 10, max_requests: 0 } });
    const beside = {
      runtime: "php",
      php: { binary: process.execPath, worker_script: CONCURRENT, env: { CONCURRENCY: "9" } },
    };
    const apps = {
      php: { php: php["php"], workers: php["workers"] },
      beside: { ...beside, workers: { count: 1, ping_timeout: 10 } },
    };
    const routes = [{ path: "/sleep", app: "beside" }, { app: "php" }];
    await using scene = await startWithClock({
      apps,
      routes,
      logging: { format: "json", access_log: "a.log", access_format: "json" },
    });
    const { server, clock } = scene;
    const pids = [await server.frontPid(), ...(await server.workerPids())];
    const load = new Load(server.port, CLIENTS);
    const askedS = new Map<string, number>();
    for (const jumpS of JUMPS) {
      const slow = await startRequest(server, 300);
      const asleep = outcomeOf(`${server.url}/sleep?ms=300`);
      clock.setBy(jumpS);
      expect(Math.abs((await shownS(server)) - Date.now() / 1_000 - jumpS)).toBeLessThan(5);
      expect([await slow.outcome, await asleep]).toEqual(["200 appended", "200 slept 300"]);
      askedS.set(`/other?after=${jumpS}`, Date.now() / 1_000 + jumpS);
      expect(await outcomeOf(`${server.url}/other?after=${jumpS}`)).toStartWith("200 ");
      const { served } = load.tally;
      await until("requests after it", () => load.tally.served > served + 50);
    }
    expect((await load.stop()).lost).toEqual([]);
    expect([await server.frontPid(), ...(await server.workerPids())]).toEqual(pids);
    const { front } = JSON.parse((await vilya(server, "status", "--json")).out) as InstanceReport;
    expect(front!.uptimeMs).toBeLessThan(60_000);
    const lines = await until("the lines of all", () => {
      const written = accessLog(server);
      return [...askedS.keys()].every((asked) => written.some(({ target }) => target === asked)) && written;
    });
    for (const { target, time, durationMs } of lines) {
      expect(Number(durationMs)).toBeWithin(0, 10_000);
      const s = askedS.get(String(target));
      if (s !== undefined) expect(Math.abs(Date.parse(String(time)) / 1_000 - s)).toBeLessThan(30);
    }
  });

  test.each([DAY_S, -DAY_S])("by %d s neither hurries a deadline nor puts it off", async (jumpS) => {
    const config = phpApp({ workers: { count: 1, timeout: STALL_PROOF_S, stop_timeout: 0.5 } });
    await using scene = await startWithClock(config);
    const { server, clock } = scene;
    const file = join(server.directory, "held");
    const startMs = performance.now();
    const held = outcomeOf(`${server.url}/hold?file=${file}`);
    await until("the worker's begin", () => Bun.file(file).exists());
    clock.setBy(jumpS);
    expect(await held).toStartWith("504 ");
    expect(performance.now() - startMs).toBeWithin(STALL_PROOF_S * 1_000 - 100, 20_000);
    expect(await outcomeOf(`${server.url}/other`)).toStartWith("200 ");
  });

  test.each([DAY_S, -DAY_S])(
    "by %d s fills no bucket of a rate limit, and keeps no file that is gone",
    async (jumpS) => {
      const routes = [
        { path: "/few", respond: { status: 204 }, rate_limit: { requests: 1, per: "1h", burst: 2 } },
        { path: "/files/*", static: { root: "files", strip_prefix: "/files", revalidate: "1s" } },
      ];
      await using scene = await startWithClock({ routes }, { "files/a.txt": "here" });
      const { server, clock } = scene;
      const few = async (): Promise<string> => (await outcomeOf(`${server.url}/few`)).slice(0, 3);
      expect([await few(), await few(), await few()]).toEqual(["204", "204", "429"]);
      // What has just changed is not kept.
      utimesSync(join(server.directory, "files/a.txt"), 1e9, 1e9);
      // Once to know it, once to keep it.
      for (let count = 1; count <= 2; count++) expect(await outcomeOf(`${server.url}/files/a.txt`)).toBe("200 here");
      clock.setBy(jumpS);
      expect(await few()).toBe("429");
      rmSync(join(server.directory, "files/a.txt"));
      await until("the end of the file", async () => (await outcomeOf(`${server.url}/files/a.txt`)).startsWith("404 "));
    },
  );

  test("keeps no client out that comes back with a ticket of another time", async () => {
    const { certificatePem, keyPem } = testAuthority().issue({ names: ["127.0.0.1"] });
    const tls = { certificates: [{ cert: "a.crt", key: "a.key" }] };
    const server = { listeners: [{ host: "127.0.0.1", port: 0, tls }] };
    await using scene = await startWithClock(phpApp({ server }), { "a.crt": certificatePem, "a.key": keyPem });
    const { port } = scene.server;
    let session = await askOverTls(port, undefined);
    for (const jumpS of JUMPS) {
      scene.clock.setBy(jumpS);
      session = await askOverTls(port, session);
    }
  });

  test("leaves the order of a reload and of a stop as it is", async () => {
    await using scene = await startWithClock(phpApp({ workers: { count: 1 } }));
    const { server, clock } = scene;
    const { outcome } = await startRequest(server, 500);
    const reload = vilya(server, "reload", "--json");
    clock.setBy(-DAY_S);
    const { code, out } = await reload;
    expect(code).toBe(0);
    expect((JSON.parse(out) as ReloadReport).durationMs).toBeWithin(0, 10_000);
    expect(await outcome).toBe("200 appended");
    const running = await startRequest(server, 500);
    server.signal("SIGTERM");
    clock.setBy(DAY_S);
    expect(await running.outcome).toBe("200 appended");
    expect((await server.stop(null)).exitCode).toBe(0);
  });
});

function accessLog(server: VilyaServer): readonly Readonly<Record<string, unknown>>[] {
  // What follows the last line end is a line on its way.
  const lines = readFileSync(join(server.directory, "a.log"), "utf8").split("\n").slice(0, -1);
  return lines.map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
}

/** Asks for `/other` on a connection of its own; returns the session that the server has given for the next one. */
async function askOverTls(port: number, session: Buffer | undefined): Promise<Buffer | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer | undefined>();
  const socket = connect({ host: "127.0.0.1", port, ca: testAuthority().certificatePem, session });
  let received = "";
  let given: Buffer | undefined;
  socket.on("session", (ticket: Buffer) => (given = ticket));
  socket.on("data", (bytes: Buffer) => (received += bytes.toString("latin1")));
  socket.on("error", reject);
  socket.on("close", () => (received.includes("served ") ? resolve(given) : reject(new Error(received))));
  socket.write("GET /other HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  return promise;
}
