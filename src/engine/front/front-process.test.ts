import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { FakeClock } from "../../../test/support/fake-clock.ts";
import { childrenOf, descriptorCount, isRunning, processEntry } from "../../../test/support/process-table.ts";
import { until } from "../../../test/support/until.ts";
import { bindSocket } from "../../kernel/bound-socket.ts";
import { RecordingLog } from "../../../test/support/recording-log.ts";
import { FrontProcess } from "./front-process.ts";
import type { FrontStatus } from "../front-status.ts";

const FAKE_FRONT = join(import.meta.dir, "../../../test/support/fake-front.ts");

/** The configuration is handed through as it is; the fake front looks at none of it. */
const START = {
  config: {} as never,
  place: { index: 0, count: 1 },
  directory: "/nowhere",
  credentials: [],
  runtimeVersion: "0",
  socketPrefix: "0-",
  isSuccessor: false,
};

/** Between two questions to a front for a sign of life. */
const BEAT_MS = 1_000;
/** With one question more a front that answers none of them is killed. */
const UNANSWERED_COUNT_MAX = 15;

interface Spawned {
  /** It stands still: no front is asked anything until a test moves it on. */
  readonly clock: FakeClock;
  readonly front: FrontProcess;
  readonly log: RecordingLog;
  readonly statuses: FrontStatus[];
  /** Whether it serves, each time that this has become another. */
  readonly standings: boolean[];
}

function spawnFront(behaviour: string, listenFds: readonly number[] = []): Spawned {
  const clock = new FakeClock();
  const log = new RecordingLog();
  const statuses: FrontStatus[] = [];
  const standings: boolean[] = [];
  const front: FrontProcess = new FrontProcess({
    command: [process.execPath, FAKE_FRONT, behaviour],
    listenFds: [listenFds],
    environment: process.env,
    onStanding: () => void standings.push(front.isServing),
    start: START,
    clock,
    onStatus: (status) => void statuses.push(status),
    onLogLines: () => {},
    log,
  });
  return { clock, front, log, statuses, standings };
}

/** Asks a front for so many signs of life, and leaves it a moment for each. */
async function ask(clock: FakeClock, count: number): Promise<void> {
  for (let asked = 0; asked < count; asked++) {
    clock.advance(BEAT_MS);
    await new Promise(setImmediate);
  }
}

/** Of events that someone must act on. */
function errors(log: RecordingLog): readonly string[] {
  return log.events.filter(({ level }) => level === "error").map(({ event }) => event);
}

describe("FrontProcess", () => {
  test("hands listeners down, hears heartbeats, and learns of a clean stop", async () => {
    using listener = await bindSocket({ host: "127.0.0.1", port: 0 });
    const { clock, front, log, statuses } = spawnFront("obedient", [listener.fd]);
    await front.started;
    expect(statuses.map(({ connectionCount }) => connectionCount)).toEqual([1]);
    for (let answered = 1; answered <= 2 * UNANSWERED_COUNT_MAX; answered++) {
      clock.advance(BEAT_MS);
      await until("an answer", () => statuses.length === 1 + answered);
    }
    front.stop({ isNow: false });
    expect(await front.exited).toMatchObject({ exitCode: 0, signal: null, hasStarted: true, wasCut: false });
    expect(errors(log)).toEqual([]);
  });

  test("learns that a stop cut something", async () => {
    const { front, statuses } = spawnFront("cutting");
    await until("the start", () => statuses.length > 0);
    front.stop({ isNow: false });
    expect(await front.exited).toMatchObject({ exitCode: 0, wasCut: true });
  });

  test("takes a front that is killed for one that cut something", async () => {
    const { front, statuses } = spawnFront("obedient");
    await until("the start", () => statuses.length > 0);
    front.kill();
    expect(await front.exited).toMatchObject({ exitCode: null, signal: "SIGKILL", wasCut: true });
  });

  test("tells a front that cannot start from one that can", async () => {
    const { front, log, statuses } = spawnFront("failing");
    expect(await front.exited).toMatchObject({ exitCode: 1, hasStarted: false });
    expect(log.events).toContainEqual({
      level: "error",
      event: "front cannot start",
      fields: { pid: front.pid, reason: "Cannot serve: this front never does" },
    });
    expect(statuses).toEqual([]);
  });

  test("kills a front that gives no sign of life", async () => {
    const { clock, front, log } = spawnFront("silent");
    await front.started;
    await ask(clock, UNANSWERED_COUNT_MAX);
    expect(errors(log)).toEqual([]);
    await ask(clock, 1);
    expect(await front.exited).toMatchObject({ signal: "SIGKILL", hasStarted: true });
    expect(errors(log)).toEqual(["front killed: it gave no sign of life"]);
  });

  test("kills a front that is stopped, which hears nothing", async () => {
    const { clock, front, log } = spawnFront("obedient");
    await front.started;
    process.kill(front.pid, "SIGSTOP");
    await until("the stop", () => processEntry(front.pid)?.state === "T");
    await ask(clock, UNANSWERED_COUNT_MAX + 1);
    expect(await front.exited).toMatchObject({ signal: "SIGKILL" });
    expect(errors(log)).toEqual(["front killed: it gave no sign of life"]);
  });

  test("says of a front that is stopped that it does not serve, and that it does when it goes on", async () => {
    const { clock, front, standings } = spawnFront("obedient");
    await front.started;
    process.kill(front.pid, "SIGSTOP");
    await until("the stop", () => processEntry(front.pid)?.state === "T");
    await ask(clock, 3);
    expect(standings).toEqual([true, false]);
    process.kill(front.pid, "SIGCONT");
    await until("its answer", () => standings.length === 3);
    expect(standings).toEqual([true, false, true]);
    front.kill();
    await front.exited;
  });

  test("kills a front that says what it cannot understand", async () => {
    const { front, log } = spawnFront("lying");
    expect(await front.exited).toMatchObject({ signal: "SIGKILL" });
    expect(errors(log)).toEqual(["front killed: its control channel broke"]);
  });

  test("ends the workers of a front that was killed before its exit is told", async () => {
    const { front } = spawnFront("leaving");
    const workerPid = await until("the worker", () => childrenOf(front.pid)[0]?.pid);
    front.stop({ isNow: false });
    expect(await front.exited).toMatchObject({ signal: "SIGKILL" });
    expect(isRunning(workerPid)).toBe(false);
  });

  test("is the leader of its own session, out of reach of the terminal's Ctrl-C", async () => {
    const { front } = spawnFront("obedient");
    const stat = await Bun.file(`/proc/${front.pid}/stat`).text();
    const [, , processGroup, session] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    expect([Number(processGroup), Number(session)]).toEqual([front.pid, front.pid]);
    front.kill();
    await front.exited;
  });

  test("leaves no descriptor behind", async () => {
    const runOnce = async () => {
      const { front, statuses } = spawnFront("obedient");
      await until("the start", () => statuses.length > 0);
      front.kill();
      await front.exited;
    };
    await runOnce();
    const before = descriptorCount(process.pid);
    for (let count = 0; count < 5; count++) await runOnce();
    await until("as many descriptors as before", () => descriptorCount(process.pid) <= before);
  });

  test("throws what the system says about a program that is missing", () => {
    const options = {
      listenFds: [],
      environment: process.env,
      start: START,
      onStatus() {},
      onLogLines() {},
      log: new RecordingLog(),
    };
    expect(() => new FrontProcess({ ...options, command: ["/no/such/program"] })).toThrow("ENOENT");
  });
});
