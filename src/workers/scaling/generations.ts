import { Generation, type GenerationOptions } from "./generation.ts";
import { NOT_LET, type StartFailure } from "../process/start-failure.ts";
import type { Worker } from "../worker.ts";

/** What became of the wish for another generation: null when it serves, else why the one before it stays. */
export type GenerationFailure = StartFailure | null;

const STOPPING: StartFailure = { reason: "the workers are being stopped", stderr: [] };

/** How one generation takes the place of another. */
export interface ReplaceOptions {
  /** What the generation that serves is given to finish what it has; `Infinity` for no bound. */
  readonly graceMs: number;
  /** Asked when the new one could serve: false ends it, and the old one stays. Default: it may. */
  readonly mayServe?: () => Promise<boolean>;
}

/** A generation that is being warmed, and who waits for it. */
interface Successor {
  readonly generation: Generation;
  readonly options: ReplaceOptions;
  /** Whether it may serve: nobody was asked yet, or has not answered, or said so. */
  permission: "open" | "asked" | "given";
  readonly outcome: PromiseWithResolvers<GenerationFailure>;
}

/**
 * The generations of a pool: one serves, one may be warming up to take its place, others finish what they have.
 *
 * Invariant: a successor takes the place of the one that serves when as many of its workers are ready as the pool should have, and as a
 * whole; until then, and when its workers do not start, the one that serves stays untouched.
 */
export class Generations {
  readonly #options: GenerationOptions;
  readonly #onPoolChange: () => void;
  #current: Generation;
  #successor: Successor | null = null;
  /** A successor that was asked for while one was warmed: what it would run may be older than the wish. */
  #next: Promise<GenerationFailure> | null = null;
  readonly #leaving = new Set<Generation>();
  #desiredCount = 0;
  #isEnding = false;

  constructor(options: GenerationOptions) {
    this.#onPoolChange = options.onChange;
    this.#options = { ...options, onChange: () => this.#onChange() };
    this.#current = new Generation(1, true, this.#options);
  }

  /** The one that serves. */
  get current(): Generation {
    return this.#current;
  }

  /** Of the generation that serves: those that get calls. */
  get readyCount(): number {
    return this.#current.readyCount;
  }

  /** Workers that are on their way to their first call, those of a successor that are ready included. */
  get startingCount(): number {
    const { generation } = this.#successor ?? {};
    return this.#current.startingCount + (generation?.startingCount ?? 0) + (generation?.readyCount ?? 0);
  }

  /** All whose process is not gone, by generation, oldest first. */
  *workers(): Iterable<readonly [worker: Worker, generation: Generation]> {
    for (const generation of this.#all()) for (const worker of generation.workers) yield [worker, generation];
  }

  get isGone(): boolean {
    return this.#isEnding && this.#leaving.size === 0;
  }

  resize(count: number): void {
    this.#desiredCount = count;
    this.#current.resize(count);
    this.#successor?.generation.resize(count);
  }

  /** Replaces every worker there is, some at a time, by others of its own generation. */
  recycleAll(): void {
    this.#current.recycleAll();
  }

  /**
   * Warms another generation and has it take over. One that is asked for while another one is warmed follows it; several become one, with the
   * options of the first.
   */
  replace(options: ReplaceOptions): Promise<GenerationFailure> {
    if (this.#isEnding) return Promise.resolve(STOPPING);
    if (this.#successor === null) return this.#warm(options);
    return (this.#next ??= this.#successor.outcome.promise.then(() => {
      this.#next = null;
      return this.replace(options);
    }));
  }

  /** Lets every worker finish what it has, for at most `graceMs`, and leave. Called again it can only make haste. */
  leave(graceMs: number): void {
    this.#isEnding = true;
    this.#end(STOPPING);
    const generations = [...this.#all()];
    for (const generation of generations) {
      this.#leaving.add(generation);
      generation.leave("stopped", graceMs);
    }
    this.#onChange();
  }

  #warm(options: ReplaceOptions): Promise<GenerationFailure> {
    const generation = new Generation(this.#current.number + 1, false, this.#options);
    const permission = options.mayServe === undefined ? "given" : "open";
    this.#successor = { generation, options, permission, outcome: Promise.withResolvers() };
    const { promise } = this.#successor.outcome;
    generation.resize(this.#desiredCount);
    this.#judgeSuccessor();
    return promise;
  }

  #onChange(): void {
    this.#judgeSuccessor();
    this.#forgetGone();
    this.#onPoolChange();
  }

  #judgeSuccessor(): void {
    if (this.#successor === null) return;
    const { generation, permission } = this.#successor;
    if (generation.readyCount >= this.#desiredCount) {
      if (permission === "given") this.#succeed(this.#successor);
      else if (permission === "open") void this.#ask(this.#successor);
    } else if (generation.isFailing && generation.startFailure !== null) this.#end(generation.startFailure);
  }

  async #ask(successor: Successor): Promise<void> {
    successor.permission = "asked";
    const isAllowed = await successor.options.mayServe?.();
    if (this.#successor !== successor) return;
    successor.permission = "given";
    if (isAllowed === false) this.#end(NOT_LET);
    else this.#judgeSuccessor();
  }

  #succeed({ generation, options: { graceMs }, outcome }: Successor): void {
    const old = this.#current;
    this.#successor = null;
    this.#current = generation;
    generation.admit();
    this.#leaving.add(old);
    old.leave("requested", graceMs);
    this.#forgetGone();
    outcome.resolve(null);
  }

  /** Gives the successor up. */
  #end(failure: StartFailure): void {
    if (this.#successor === null) return;
    const { generation, outcome } = this.#successor;
    this.#successor = null;
    this.#leaving.add(generation);
    generation.leave("stopped", 0);
    this.#forgetGone();
    outcome.resolve(failure);
  }

  #forgetGone(): void {
    for (const generation of this.#leaving) if (generation.isGone) this.#leaving.delete(generation);
  }

  *#all(): Iterable<Generation> {
    yield* this.#leaving;
    if (!this.#leaving.has(this.#current)) yield this.#current;
    if (this.#successor !== null) yield this.#successor.generation;
  }
}
