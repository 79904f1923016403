import type { ReadableStream } from "node:stream/web";
import { preferToKill } from "../../kernel/oom-preference.ts";
import { scheduleInBatches } from "../../kernel/process-control.ts";
import { limitProcess, type ProcessLimits } from "../../kernel/process-limits.ts";
import { type ChildOwner, type ChildProcess, signalProcess } from "./child-process.ts";

export interface SpawnOptions {
  readonly command: readonly string[];
  readonly workingDirectory: string;
  readonly environment: Readonly<Record<string, string>>;
  /** `batch`: when it wakes up it waits its turn instead of pushing aside whoever runs. */
  readonly scheduling: "batch" | "normal";
  readonly limits: ProcessLimits;
}

/** A process that this one has started. */
export class SpawnedChild implements ChildProcess {
  readonly inheritedErrorLines: readonly string[] = [];
  readonly #process: Bun.Subprocess<"ignore", "pipe", "pipe">;

  /** @throws the runtime's error (`code: "ENOENT"`, `"EACCES"`, `"EAGAIN"`, …) when no process can be started, or a `SystemCallError` when it cannot be limited. */
  constructor({ command, workingDirectory, environment, scheduling, limits }: SpawnOptions, owner: ChildOwner) {
    // Of one that cannot be limited its owner never hears.
    let isStarted = false;
    this.#process = Bun.spawn([...command], {
      cwd: workingDirectory,
      env: environment,
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
      detached: true,
      onExit: () => {
        if (isStarted) owner.onExit();
      },
    });
    // Or each request would push aside the front that is about to send more of them: docs/decisions/0010.
    if (scheduling === "batch") scheduleInBatches(this.pid);
    preferToKill(this.pid);
    this.#limit(limits);
    isStarted = true;
    owner.onPid(this.pid);
  }

  /** Before it does anything: it has yet to be loaded. */
  #limit(limits: ProcessLimits): void {
    try {
      limitProcess(this.pid, limits);
    } catch (error) {
      this.#process.kill("SIGKILL");
      throw error;
    }
  }

  get pid(): number {
    return this.#process.pid;
  }

  get exitCode(): number | null {
    return this.#process.exitCode;
  }

  get signal(): NodeJS.Signals | number | null {
    return this.#process.signalCode;
  }

  get stdout(): ReadableStream<Uint8Array> {
    return this.#process.stdout;
  }

  get stderr(): ReadableStream<Uint8Array> {
    return this.#process.stderr;
  }

  kill(signal: NodeJS.Signals, { isGroup }: { readonly isGroup: boolean }): void {
    signalProcess(this.pid, signal, isGroup);
  }
}
