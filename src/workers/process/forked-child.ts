import type { ReadableStream } from "node:stream/web";
import type { ForkOrder } from "../../protocols/worker/fork-encoder.ts";
import { type ChildOwner, type ChildProcess, signalProcess } from "./child-process.ts";
import type { OutputListener } from "./output-listener.ts";

/** Where a forked process comes from. */
export interface ForkParent {
  readonly lastErrorLines: readonly string[];
  /** It shall not come to be; false when that is too late to say. */
  withdraw(child: ForkedChild): boolean;
}

/**
 * A process that a prototype forks for us.
 *
 * Invariant: a signal that ends it is never lost, also when it is sent before the process id is known.
 */
export class ForkedChild implements ChildProcess {
  readonly order: ForkOrder;
  readonly #parent: ForkParent;
  readonly #output: OutputListener;
  readonly #owner: ChildOwner;
  #pid = 0;
  #exitCode: number | null = null;
  #signal: NodeJS.Signals | number | null = null;
  #isExited = false;
  /** True when it is to be killed as soon as it can be. */
  #isDoomed = false;

  constructor(order: ForkOrder, options: { parent: ForkParent; output: OutputListener; owner: ChildOwner }) {
    this.order = order;
    this.#parent = options.parent;
    this.#output = options.output;
    this.#owner = options.owner;
  }

  get pid(): number {
    return this.#pid;
  }

  get exitCode(): number | null {
    return this.#exitCode;
  }

  get signal(): NodeJS.Signals | number | null {
    return this.#signal;
  }

  get stdout(): ReadableStream<Uint8Array> {
    return this.#output.stdout;
  }

  get stderr(): ReadableStream<Uint8Array> {
    return this.#output.stderr;
  }

  get inheritedErrorLines(): readonly string[] {
    return this.#parent.lastErrorLines;
  }

  kill(signal: NodeJS.Signals, { isGroup }: { readonly isGroup: boolean }): void {
    if (this.#isExited && !isGroup) return;
    if (this.#pid !== 0) signalProcess(this.#pid, signal, isGroup);
    else if (this.#parent.withdraw(this)) queueMicrotask(() => this.exited(null, null));
    else this.#isDoomed = true;
  }

  /** @internal It runs. */
  forked(pid: number): void {
    this.#pid = pid;
    this.#owner.onPid(pid);
    if (this.#isDoomed) this.kill("SIGKILL", { isGroup: true });
  }

  /** @internal It runs no more, or never will: then this is how what it comes from has ended, if it has. */
  exited(exitCode: number | null, signal: NodeJS.Signals | number | null): void {
    if (this.#isExited) return;
    this.#isExited = true;
    this.#exitCode = exitCode;
    this.#signal = signal;
    this.#output.close();
    this.#owner.onExit();
  }
}
