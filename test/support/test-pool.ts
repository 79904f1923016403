import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AppConfig, PoolConfig } from "../../src/config/app-config.ts";
import type { UploadLimitsConfig } from "../../src/config/uploads-config.ts";
import { findModuleRunner } from "../../src/engine/module-runner.ts";
import { NO_LIMITS } from "../../src/kernel/process-limits.ts";
import { TimerWheel } from "../../src/kernel/timer-wheel.ts";
import { WorkerPool } from "../../src/workers/pool.ts";
import type { FakeClock } from "./fake-clock.ts";
import { assertNoLeaks, type Snapshot, snapshot } from "./leak-check.ts";
import { MovableClock } from "./movable-clock.ts";
import { RecordingLog } from "./recording-log.ts";
import { until } from "./until.ts";
import { type Outcome, TestCall, type TestCallOptions } from "./worker-calls.ts";

/** The limits of forms by default. */
export const UPLOAD_LIMITS: UploadLimitsConfig = {
  fieldCountMax: 1_000,
  fileCountMax: 100,
  nameBytesMax: 1_024,
  partHeaderBytesMax: 8_192,
  fieldBytesMax: 1_048_576,
  fieldsBytesMax: 2_097_152,
  fileBytesMax: Number.MAX_SAFE_INTEGER,
};

/** Where the workers of tests are. */
export const WORKER_SCRIPTS: string = join(import.meta.dir, "workers");

export const POOL: PoolConfig = {
  workerCount: 1,
  workerCountMin: 1,
  workerCountMax: 1,
  scaleDownIdleMs: 0,
  aggressiveScaleDownMs: 0,
  requestsPerWorkerMax: 0,
  requestsPerWorkerJitter: 0,
  requestTimeoutMs: 10_000,
  startTimeoutMs: 10_000,
  start: "exec",
  scheduling: "batch",
  limits: NO_LIMITS,
  identity: null,
  shutdownDelayMs: null,
  graceTimeoutMs: null,
  stopTimeoutMs: 1_000,
  memoryBytesMax: 0,
  frameBytesMax: 10 * 1024 * 1024,
  streamCreditBytes: 64 * 1024,
  streamIdleTimeoutMs: 0,
  streamsRequests: false,
  concurrencyMax: 4096,
  cancelGraceMs: 5_000,
  pingIntervalMs: 500,
  pingTimeoutMs: 10_000,
  prefetch: "off",
  overflow: { strategy: "default", queueDepthMax: 1_000, queueTimeoutMs: 10_000 },
  retryAfterS: 1,
};

export interface TestPoolOptions extends Partial<PoolConfig> {
  /** A file in `test/support/workers`, or with `./` in front one in the pool's directory. Default: `by-path.php`. */
  readonly script?: string;
  readonly binary?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly ini?: Readonly<Record<string, string>>;
  /** Default: a new one. */
  readonly directory?: string;
  /** Default: the pool's directory. */
  readonly workingDirectory?: string;
  /** Written into the pool's directory before anything starts, by name. */
  readonly files?: Readonly<Record<string, string>>;
  /** The number of workers; sets minimum and maximum, too, unless they are given. */
  readonly workers?: number;
  /** What the pool's deadlines go by. Default: `clock`, which goes on by itself. */
  readonly fakeClock?: FakeClock;
  /** Events of level `error` that this test provokes; any other one fails it. */
  readonly expectedErrors?: readonly string[];
}

/** A pool with real workers and a directory of its own. On disposal it is stopped, and must have left nothing behind. */
export class TestPool implements AsyncDisposable {
  readonly log: RecordingLog = new RecordingLog();
  /** Of every deadline of the pool. */
  readonly clock: MovableClock = new MovableClock();
  readonly directory: string;
  readonly pool: WorkerPool;
  readonly spawnedPids: number[] = [];
  readonly exitedPids: number[] = [];
  readonly #before: Snapshot;
  readonly #expectedErrors: readonly string[];

  constructor(options: TestPoolOptions = {}) {
    const {
      script = "by-path.php",
      binary = "php",
      environment = {},
      ini = {},
      workers = 1,
      expectedErrors = [],
      files = {},
      directory,
      workingDirectory,
      fakeClock,
      ...rest
    } = options;
    this.directory = directory ?? mkdtempSync(join(tmpdir(), "vp-"));
    this.#before = snapshot(this.directory);
    this.#expectedErrors = expectedErrors;
    for (const [name, text] of Object.entries(files)) this.write(name, text);
    const app: AppConfig = {
      name: "test",
      runtime: "php",
      binary,
      binaryArguments: [],
      entry: join(script.startsWith("./") ? this.directory : WORKER_SCRIPTS, script),
      workingDirectory: workingDirectory ?? this.directory,
      static: null,
      sendfile: [],
      compression: null,
      uploads: { isEnabled: false, limits: UPLOAD_LIMITS },
      environment,
      ini,
      python: {
        interface: "auto",
        lifespan: "auto",
        threadCount: 16,
        rootPath: "",
        specVersion: "2.5",
        disconnectGraceMs: 3_000,
      },
      pool: { ...POOL, workerCount: workers, workerCountMin: workers, workerCountMax: workers, ...rest },
    };
    this.pool = new WorkerPool({
      app,
      directory: this.directory,
      moduleRunner: findModuleRunner(),
      wheel: new TimerWheel(fakeClock ?? this.clock),
      log: this.log,
      runtimeVersion: "0.0.0",
      environment: process.env,
      onWorkerSpawned: (pid) => this.spawnedPids.push(pid),
      onWorkerExited: (pid) => this.exitedPids.push(pid),
    });
  }

  /** Writes a file into the pool's directory. */
  write(name: string, text: string): void {
    writeFileSync(join(this.directory, name), text);
  }

  /** A pool whose first workers are ready. */
  static async start(options: TestPoolOptions = {}): Promise<TestPool> {
    const pool = new TestPool(options);
    await pool.pool.start();
    return pool;
  }

  /** Submits a call. */
  submit(target: string, options?: TestCallOptions): TestCall {
    const call = new TestCall(target, options);
    this.pool.submit(call);
    return call;
  }

  /** Submits a call and waits for its end. */
  async call(target: string, options?: TestCallOptions): Promise<Outcome> {
    return this.submit(target, options).outcome;
  }

  /** The body of the response to a call; anything but a response fails the test. */
  async body(target: string, options?: TestCallOptions): Promise<string> {
    const outcome = await this.call(target, options);
    if (outcome.kind !== "response")
      throw new Error(`${target} ended with ${JSON.stringify(outcome)}\n${this.describe()}`);
    return outcome.body;
  }

  /** The process id of the worker that holds the call `/hold?file=…`. */
  async holder(file: string): Promise<number> {
    return this.until(
      "the call to be held",
      async () =>
        Number(
          await Bun.file(file)
            .text()
            .catch(() => ""),
        ) || null,
    );
  }

  /** Waits until `condition` holds; the message of a failure carries the log. */
  async until<T>(what: string, condition: () => T | Promise<T>): Promise<Exclude<T, false | null | undefined>> {
    return until(what, condition).catch((error: unknown) => {
      throw new Error(this.describe(), { cause: error });
    });
  }

  /** Waits until as many workers are ready as the pool should have, and no other one is left. */
  async untilSettled(): Promise<void> {
    await this.until("a pool that has settled", () => {
      const { workerCount, desiredCount, startingCount, leavingCount } = this.pool.status;
      return workerCount === desiredCount && startingCount === 0 && leavingCount === 0;
    });
  }

  describe(): string {
    return [JSON.stringify(this.pool.status), ...this.log.events.map((event) => JSON.stringify(event))].join("\n");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.pool.stop({ graceMs: 1_000 });
      const errors = this.log.events.filter(
        ({ level, event }) => level === "error" && !this.#expectedErrors.includes(event),
      );
      if (errors.length > 0) throw new Error(`The pool logged errors: ${JSON.stringify(errors)}`);
      await assertNoLeaks(this.#before);
      if (this.spawnedPids.length !== this.exitedPids.length) {
        throw new Error(`Spawned ${this.spawnedPids.join(" ")}, but saw the exit of ${this.exitedPids.join(" ")}`);
      }
    } finally {
      rmSync(this.directory, { recursive: true, force: true });
    }
  }
}
