import { describe, expect, test } from "bun:test";

import type { InstanceReport } from "../../../src/admin/front-report.ts";
import { vilya } from "../../support/command-line.ts";
import { Load } from "../../support/load.ts";
import { outcomeOf, phpApp } from "../../support/php-app.ts";
import { childrenOf, commandLine, isRunning, processEntry } from "../../support/process-table.ts";
import { BeforeFault } from "../../support/server-state.ts";
import { PATIENCE_MS, STALL_PROOF_S, until } from "../../support/until.ts";
import { startVilya, type VilyaServer } from "../../support/vilya.ts";

const CLIENTS = ["keep-alive", "keep-alive", "one each", "HTTP/2"] as const;
const EXPECTED_ERRORS = [
  "fronts keep dying",
  "front killed: it gave no sign of life",
  "not reloaded, everything stays as it is",
];

const FAILED_STARTS = [
  "worker failed to start",
  "worker crashed",
  "workers keep failing",
  "front cannot start",
  "configuration refused",
];

const WORKER_COUNT = 2;

/** What a client sees that loses a request: 502 or 504, or the end of its connection; never half an answer that looks like a whole one. */
const IN_GOOD_ORDER = /^(?:HTTP\/1\.1 50[234] |50[234] |0 {2}|$|Error)/;

/** As in `src/workers/scaling/supervisor.ts`. */
const STABLE_MS = 1_000;

/** What happens to a process: nothing, it is stopped for a moment (SIGSTOP, SIGCONT), or it is killed. */
const FATES = ["goes on", "is stopped", "is killed"] as const;

type Fate = (typeof FATES)[number];

interface Fault {
  readonly master: Fate;
  readonly front: Fate;
  /** Of all of them. */
  readonly workers: Fate;
}

/** Every combination in which something happens. */
const FAULTS: readonly Fault[] = FATES.flatMap((master) =>
  FATES.flatMap((front) => FATES.map((workers) => ({ master, front, workers }))),
).filter((fault) => Object.values(fault).some((fate) => fate !== "goes on"));

/** Stops what is to be stopped, kills what is to be killed, and lets what was stopped go on. */
async function inflict(server: VilyaServer, { master, front, workers }: Fault): Promise<void> {
  const victims = [
    ...(await server.workerPids()).map((pid) => ({ pid, fate: workers })),
    { pid: await server.frontPid(), fate: front },
    { pid: server.pid, fate: master },
  ];
  const stopped = victims.filter(({ fate }) => fate === "is stopped");
  for (const { pid } of stopped) server.signal("SIGSTOP", pid);
  await until("the stop", () => stopped.every(({ pid }) => "Tt".includes(processEntry(pid)?.state ?? "T")));
  for (const { pid, fate } of victims) if (fate === "is killed") server.signal("SIGKILL", pid);
  for (const { pid } of stopped) if (isRunning(pid)) server.signal("SIGCONT", pid);
}

/** What may be lost: of a front that is killed what each client has asked it, of a worker the request it ran. */
function lostCountMaxOf({ front, workers }: Fault): number {
  return (front === "is killed" ? CLIENTS.length : 0) + (workers === "is killed" ? WORKER_COUNT : 0);
}

function inWords(fault: Fault): string {
  const happens = Object.entries(fault).filter(([, fate]) => fate !== "goes on");
  return happens.map(([who, fate]) => `${who} ${fate}`).join(", ");
}

async function fronts(server: VilyaServer): Promise<readonly number[]> {
  return childrenOf(server.pid)
    .filter(({ pid, state }) => state !== "Z" && commandLine(pid).includes("__front"))
    .map(({ pid }) => pid);
}

describe("Under load", () => {
  test.each(FAULTS.filter(({ master }) => master !== "is killed").map((fault) => [inWords(fault), fault] as const))(
    "%s: at most what they ran is lost, all serves again soon, and nothing is left",
    async (_, fault) => {
      await using server = await startVilya({ config: phpApp(), expectedErrors: EXPECTED_ERRORS });
      const before = await BeforeFault.of(server);
      const load = new Load(server.port, CLIENTS);
      await until("some requests", () => load.tally.served > 50);
      await inflict(server, fault);
      const { served } = load.tally;
      await until("requests after it", () => load.tally.served > served + 100);
      const { lost } = await load.stop();
      expect(lost.length).toBeLessThanOrEqual(lostCountMaxOf(fault));
      expect(lost.filter((got) => !IN_GOOD_ORDER.test(got))).toEqual([]);
      await before.untilAsBefore();
    },
  );

  test.each(FAULTS.filter(({ master }) => master === "is killed").map((fault) => [inWords(fault), fault] as const))(
    "%s: what runs is finished where somebody is left to, and then all of it ends",
    async (_, fault) => {
      const expectedErrors = ["master is gone, front stops"];
      const config = phpApp({ workers: { count: WORKER_COUNT, stop_timeout: 0.5 } });
      await using server = await startVilya({ config, expectedErrors });
      server.leavesRuntimeDirectory();
      const load = new Load(server.port, CLIENTS);
      await until("some requests", () => load.tally.served > 50);
      await inflict(server, fault);
      const { lost } = await load.stop();
      expect(lost.length).toBeLessThanOrEqual(lostCountMaxOf(fault));
      await until("the end of everything", () => server.processes().length === 0);
    },
  );

  test("the master stands still: clients see nothing of it, dead workers are replaced, and it goes on where it was", async () => {
    await using server = await startVilya({ config: phpApp(), expectedErrors: EXPECTED_ERRORS });
    const before = await BeforeFault.of(server);
    const load = new Load(server.port, CLIENTS);
    await until("some requests", () => load.tally.served > 50);
    const front = await server.frontPid();
    const [killed] = await server.workerPids();
    server.signal("SIGSTOP");
    server.signal("SIGKILL", killed);
    const { served } = load.tally;
    await until("requests meanwhile", () => load.tally.served > served + 200);
    server.signal("SIGCONT");
    expect((await vilya(server, "ready")).code).toBe(0);
    expect((await load.stop()).lost.length).toBeLessThanOrEqual(1);
    await before.untilAsBefore();
    expect(await server.frontPid()).toBe(front);
  });

  test("a worker is stopped for good: its request is answered 504, and another one takes its place", async () => {
    const config = phpApp({ workers: { count: WORKER_COUNT, timeout: STALL_PROOF_S, stop_timeout: 0.2 } });
    await using server = await startVilya({ config, expectedErrors: EXPECTED_ERRORS });
    const before = await BeforeFault.of(server);
    const load = new Load(server.port, CLIENTS);
    const [stopped] = await server.workerPids();
    server.signal("SIGSTOP", stopped);
    await until("its end", () => !isRunning(stopped!));
    const { served } = load.tally;
    await until("requests after it", () => load.tally.served > served + 100);
    const { lost } = await load.stop();
    expect(lost.filter((got) => !got.includes("504"))).toEqual([]);
    expect(lost.length).toBeLessThanOrEqual(CLIENTS.length);
    await before.untilAsBefore();
  });
});

describe("During a reload", () => {
  test.each([
    ["a script that does not start", "<?php exit(7);", "its workers do not start"],
    ["a script with a parse error", "<?php function {", "its workers do not start"],
    ["a script that never gets ready", "<?php sleep(999);", "its workers do not start"],
  ])("%s is refused, and no request is lost", async (_, script, reason) => {
    const expectedErrors = [...EXPECTED_ERRORS, ...FAILED_STARTS];
    await using server = await startVilya({ config: phpApp(), expectedErrors, files: { "bad.php": script } });
    const before = await BeforeFault.of(server);
    const load = new Load(server.port, CLIENTS);
    const workers = { count: 2, start_timeout: 0.5 };
    server.configure(phpApp({ php: { worker_script: "bad.php" }, workers }));
    const { code, err } = await vilya(server, "reload");
    expect([code, err]).toEqual([1, expect.stringContaining(reason)]);
    server.configure(phpApp({ workers: { cuont: 2 } }));
    expect((await vilya(server, "reload")).code).toBe(78);
    const { served } = load.tally;
    await until("requests after it", () => load.tally.served > served + 50);
    expect((await load.stop()).lost).toEqual([]);
    await before.untilAsBefore();
  });

  test("the death of the new front leaves the old one, and no request is lost", async () => {
    const files = { "never-ready.php": "<?php sleep(999);" };
    await using server = await startVilya({ config: phpApp(), expectedErrors: EXPECTED_ERRORS, files });
    const load = new Load(server.port, CLIENTS);
    const old = await server.frontPid();
    server.configure(phpApp({ php: { worker_script: "never-ready.php" } }));
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
  const before = await BeforeFault.of(server);
  const startMs = performance.now();
  await inflict(server, { master: "goes on", front: "goes on", workers: "is killed" });
  const outcomes = await Promise.all(Array.from({ length: 20 }, () => outcomeOf(`${server.url}/other`)));
  expect(outcomes).toEqual(Array.from({ length: 20 }, () => expect.stringMatching(/^200 /)));
  expect(performance.now() - startMs).toBeLessThan(PATIENCE_MS);
  await before.untilAsBefore();
});
