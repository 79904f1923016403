import type { ReadableStream } from "node:stream/web";

/** A worker's process as the system shows it, whoever its parent is. It leads a process group of its own. */
export interface ChildProcess {
  /** 0 until it is known, and for good when it never came to be. */
  readonly pid: number;
  /** `null` while it runs, when a signal ended it, and when nobody can say. */
  readonly exitCode: number | null;
  /** What ended it; `null` when no signal did. */
  readonly signal: NodeJS.Signals | number | null;
  readonly stdout: ReadableStream<Uint8Array>;
  readonly stderr: ReadableStream<Uint8Array>;
  /** The last STDERR of where it comes from, oldest line first: it tells why a worker never came to be. */
  readonly inheritedErrorLines: readonly string[];
  /** Signals it, and with `isGroup` all that it has started, too. Without effect when nobody is left. */
  kill(signal: NodeJS.Signals, options: { readonly isGroup: boolean }): void;
}

/** Who hears of a child. */
export interface ChildOwner {
  /** Its process id is known; called at most once, possibly before whoever starts it returns. */
  onPid(pid: number): void;
  /** It has exited and is reaped; called once, later than whoever starts it returns. */
  onExit(): void;
}

/** Sends `signal` to a process, or to its group. */
export function signalProcess(pid: number, signal: NodeJS.Signals, isGroup: boolean): void {
  try {
    process.kill(isGroup ? -pid : pid, signal);
  } catch {
    // ESRCH: nobody is left.
  }
}
