import { describe, expect, test } from "bun:test";

import type { InstanceReport } from "../../../src/admin/front-report.ts";
import { vilya } from "../../support/command-line.ts";
import { Load } from "../../support/load.ts";
import { outcomeOf, phpApp } from "../../support/php-app.ts";
import { childrenOf, commandLine, isRunning } from "../../support/process-table.ts";
import { until } from "../../support/until.ts";
import { startVilya, type VilyaServer } from "../../support/vilya.ts";

const CLIENTS = ["keep-alive", "keep-alive", "one each", "HTTP/2"] as const;
const EXPECTED_ERRORS = [
  "fronts keep dying",
  "front killed: it gave no sign of life",
  "not reloaded, everything stays as it is",
];

/** As in `src/workers/supervisor.ts`. */
const STABLE_MS = 1_000;

/** Signals, in their order, to each of which processes; `workers` are all that there are at that moment. */
type Fault = readonly (readonly [NodeJS.Signals, "master" | "front" | "worker" | "workers"])[];

async function inflict(server: VilyaServer, fault: Fault): Promise<void> {
  const front = await server.frontPid();
  const workers = await server.workerPids();
  const pids = { master: [server.pid], front: [front], worker: workers.slice(0, 1), workers };
  for (const [signal, whom] of fault) {
    for (const pid of pids[whom]) if (isRunning(pid)) server.signal(signal, pid);
  }
}

async function fronts(server: VilyaServer): Promise<readonly number[]> {
  return childrenOf(server.pid)
    .filter(({ pid, state }) => state !== "Z" && commandLine(pid).includes("__front"))
    .map(({ pid }) => pid);
}

describe("Under load", () => {
  test.each<[string, Fault, number]>([
    ["a worker is killed", [["SIGKILL", "worker"]], 1],
    ["all workers are killed", [["SIGKILL", "workers"]], 2],
    [
      "a worker is stopped, and killed later",
      [
        ["SIGSTOP", "worker"],
        ["SIGKILL", "worker"],
      ],
      1,
    ],
    [
      "the front is stopped for a moment",
      [
        ["SIGSTOP", "front"],
        ["SIGCONT", "front"],
      ],
      0,
    ],
    [
      "the master is stopped for a moment",
      [
        ["SIGSTOP", "master"],
        ["SIGCONT", "master"],
      ],
      0,
    ],
    ["the front is killed", [["SIGKILL", "front"]], CLIENTS.length],
    [
      "front and workers are killed together",
      [
        ["SIGKILL", "workers"],
        ["SIGKILL", "front"],
      ],
      CLIENTS.length,
    ],
    [
      "the front is killed while it is stopped",
      [
        ["SIGSTOP", "front"],
        ["SIGKILL", "front"],
      ],
      CLIENTS.length,
    ],
    [
      "the front is killed while the master is stopped",
      [
        ["SIGSTOP", "master"],
        ["SIGKILL", "front"],
        ["SIGCONT", "master"],
      ],
      CLIENTS.length,
    ],
    [
      "a worker is killed while the front is stopped",
      [
        ["SIGSTOP", "front"],
        ["SIGKILL", "worker"],
        ["SIGCONT", "front"],
      ],
      1,
    ],
  ])("%s: at most what it ran is lost, all serves again, and nothing is left", async (_, fault, lostCountMax) => {
    await using server = await startVilya({ config: phpApp(), expectedErrors: EXPECTED_ERRORS });
    const before = server.descriptorCount();
    const load = new Load(server.port, CLIENTS);
    await until("some requests", () => load.tally.served > 50);
    await inflict(server, fault);
    const { served } = load.tally;
    await until("requests after it", () => load.tally.served > served + 100);
    const { lost } = await load.stop();
    expect(lost.length).toBeLessThanOrEqual(lostCountMax);
    await until("as many workers as before", async () => (await server.workerPids()).length === 2);
    await until("no zombie and no descriptor more", () => {
      return server.zombies().length === 0 && server.descriptorCount() <= before;
    });
  });
});

describe("During a reload", () => {
  test("the death of the new front leaves the old one, and no request is lost", async () => {
    await using server = await startVilya({ config: phpApp(), expectedErrors: EXPECTED_ERRORS });
    const load = new Load(server.port, CLIENTS);
    const old = await server.frontPid();
    server.configure(phpApp({ workers: { count: 2, timeout: 31 } }));
    server.signal("SIGHUP");
    const successor = await until("the new front", async () => (await fronts(server)).find((pid) => pid !== old));
    server.signal("SIGKILL", successor);
    await server.logged("not reloaded, everything stays as it is");
    expect((await load.stop()).lost).toEqual([]);
    expect(await fronts(server)).toEqual([old]);
  });

  test("the death of the front that warms new workers is told, and the next one serves", async () => {
    await using server = await startVilya({ config: phpApp(), expectedErrors: EXPECTED_ERRORS });
    const front = await server.frontPid();
    server.signal("SIGSTOP", front);
    server.signal("SIGHUP");
    await server.logged("reloading");
    server.signal("SIGKILL", front);
    const refusal = await server.logged("not reloaded, everything stays as it is");
    expect(refusal["reason"]).toContain("their front has died");
    expect(await outcomeOf(`${server.url}/other`)).toStartWith("200 ");
    server.signal("SIGHUP");
    expect(await server.logged("reloaded")).toMatchObject({ kind: "workers" });
  });

  test("the death of the master ends both fronts and all workers", async () => {
    const expectedErrors = ["master is gone, front stops"];
    await using server = await startVilya({ config: phpApp(), expectedErrors });
    server.leavesRuntimeDirectory();
    const old = await server.frontPid();
    server.configure(phpApp({ workers: { count: 2, timeout: 31 } }));
    server.signal("SIGHUP");
    await until("the new front", async () => (await fronts(server)).find((pid) => pid !== old));
    server.signal("SIGKILL");
    await until("the end of everything", () => server.processes().length === 0);
  });
});

test("A hundred workers that die at once are replaced, and what waits is served", async () => {
  await using server = await startVilya({ config: phpApp({ workers: { count: 100 } }) });
  // Those that die sooner count as ones that have never started.
  await until("workers that have started well", async () => {
    const report = JSON.parse((await vilya(server, "status", "--json")).out) as InstanceReport;
    return report.front?.pools[0]?.workers.every(({ readyMs }) => (readyMs ?? 0) > STABLE_MS);
  });
  expect(await server.workerPids()).toHaveLength(100);
  await inflict(server, [["SIGKILL", "workers"]]);
  const outcomes = await Promise.all(Array.from({ length: 20 }, () => outcomeOf(`${server.url}/other`)));
  expect(outcomes).toEqual(Array.from({ length: 20 }, () => expect.stringMatching(/^200 /)));
  await until("all workers", async () => (await server.workerPids()).length === 100);
  expect(server.zombies()).toEqual([]);
});
