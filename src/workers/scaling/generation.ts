import { Deadline, type DeadlineOwner } from "../../kernel/timer-wheel.ts";
import { Launcher, type LauncherOptions } from "../process/launcher.ts";
import { StartGovernor } from "./start-governor.ts";
import type { StartFailure } from "../process/start-failure.ts";
import { Supervisor, type SupervisorOptions } from "./supervisor.ts";
import type { Worker } from "../worker.ts";
import type { WorkerContext } from "../worker-context.ts";

/** What all generations of a pool share. */
export interface GenerationOptions extends Omit<SupervisorOptions, "governor" | "isAdmitted"> {
  readonly launcher: LauncherOptions;
  readonly context: Omit<WorkerContext, "launcher" | "owner">;
}

/**
 * The workers of a pool that run the same code: what lay on the disk when the first of them was to be started.
 *
 * A generation is warmed beside the one that serves: its workers get calls from `admit` on. Its life ends with `leave`.
 */
export class Generation implements DeadlineOwner {
  /** From 1 on. */
  readonly number: number;
  readonly #supervisor: Supervisor;
  readonly #governor: StartGovernor;
  readonly #launcher: Launcher;
  readonly #options: GenerationOptions;
  readonly #grace: Deadline;
  #isClosed = false;
  #isGone = false;

  constructor(number: number, isAdmitted: boolean, options: GenerationOptions) {
    const { context, launcher, onSpawned, onExited } = options;
    this.number = number;
    this.#options = options;
    this.#grace = new Deadline(this);
    this.#launcher = new Launcher({ ...launcher, onPrototypeSpawned: onSpawned, onPrototypeExited: onExited });
    this.#governor = new StartGovernor(context.config.workerCount);
    this.#supervisor = new Supervisor({
      ...options,
      governor: this.#governor,
      isAdmitted,
      onChange: () => this.#onChange(),
    });
    this.#supervisor.context = { ...context, launcher: this.#launcher, owner: this.#supervisor };
  }

  get workers(): ReadonlySet<Worker> {
    return this.#supervisor.workers;
  }

  get readyCount(): number {
    return this.#supervisor.readyCount;
  }

  get startingCount(): number {
    return this.#supervisor.startingCount;
  }

  /** True while starts fail again and again. */
  get isFailing(): boolean {
    return this.#governor.isFailing;
  }

  /** Why a worker did not start; null while none has failed whose process is gone. */
  get startFailure(): StartFailure | null {
    return this.#supervisor.startFailure;
  }

  /** True when nothing of it runs any more. */
  get isGone(): boolean {
    return this.#isGone;
  }

  resize(count: number): void {
    this.#supervisor.resize(count);
  }

  recycleAll(): void {
    this.#supervisor.recycleAll();
  }

  /** From now on its workers get calls. */
  admit(): void {
    this.#supervisor.admit();
  }

  /** Lets its workers finish what they have, for at most `graceMs`; 0 ends them now. No further one is started. */
  leave(reason: "requested" | "stopped", graceMs: number): void {
    const { wheel } = this.#options.context;
    this.#supervisor.drainAll(reason);
    if (graceMs <= 0) this.onDeadline();
    else if (Number.isFinite(graceMs) && this.workers.size > 0) wheel.set(this.#grace, graceMs);
    this.#closeIfEmpty();
  }

  /** @internal The grace is over. */
  onDeadline(): void {
    this.#supervisor.terminateAll();
  }

  #onChange(): void {
    this.#closeIfEmpty();
    this.#options.onChange();
  }

  #closeIfEmpty(): void {
    if (this.#isClosed || !this.#supervisor.isEnding || this.workers.size > 0) return;
    this.#isClosed = true;
    this.#options.context.wheel.remove(this.#grace);
    this.#launcher.close(() => {
      this.#isGone = true;
      this.#options.onChange();
    });
  }
}
