import type { AccessLogConfig } from "../../config/logging-config.ts";
import { AccessLine, type CapturedLine } from "./access-line.ts";
import type { AccessRecord } from "./access-record.ts";
import type { RequestFacts } from "./request-facts.ts";

/** Takes lines and never waits. */
export interface LineTaker {
  /** One line with its line end, `bytes[0, end)`, read before this returns. */
  write(bytes: Buffer, end: number): void;
}

/**
 * One access log: which requests it has, and how their lines look.
 *
 * Invariant: a request has one line in it, or none.
 */
export class AccessLog {
  readonly #config: AccessLogConfig;
  readonly #line: AccessLine;
  readonly #writer: LineTaker;
  readonly #isPath: ((path: string) => boolean) | null;
  readonly #isExcepted: ((path: string) => boolean) | null;
  /** The share of a line that is due. */
  #due = 0;

  constructor(config: AccessLogConfig, writer: LineTaker) {
    this.#config = config;
    this.#writer = writer;
    this.#line = new AccessLine(config.format);
    this.#isPath = compilePaths(config.paths);
    this.#isExcepted = compilePaths(config.exceptPaths);
  }

  /** True when requests by this listener, named by its port or path, may be in it. */
  hasListener(name: string): boolean {
    const { listeners } = this.#config;
    return listeners.length === 0 || listeners.includes(name);
  }

  /** Keeps what the line needs of a request; `null` when the request itself keeps it out. */
  capture(facts: RequestFacts): CapturedLine | null {
    if (this.#isPath?.(facts.path) === false || this.#isExcepted?.(facts.path) === true) return null;
    return this.#line.capture(facts);
  }

  /** Writes the line if the outcome meets the conditions, and the sample has it. What was captured is used up. */
  write(captured: CapturedLine, record: AccessRecord): void {
    if (this.#isDue(record)) {
      const { bytes, end } = this.#line.render(captured, record);
      this.#writer.write(bytes, end);
    }
    this.#line.release(captured);
  }

  #isDue(record: AccessRecord): boolean {
    const { apps, statuses, durationMsMin, sampleShare } = this.#config;
    if (record.durationMs < durationMsMin) return false;
    if (apps.length > 0 && (record.app === null || !apps.includes(record.app))) return false;
    if (statuses.length > 0 && !statuses.some(([min, max]) => record.status >= min && record.status <= max))
      return false;
    if (sampleShare === 1) return true;
    this.#due += sampleShare;
    if (this.#due < 1) return false;
    this.#due -= 1;
    return true;
  }
}

/** `null` for no patterns. A star stands for anything, and only at an end: matching takes time that grows with the path alone. */
function compilePaths(patterns: readonly string[]): ((path: string) => boolean) | null {
  if (patterns.length === 0) return null;
  const tests = patterns.map((pattern): ((path: string) => boolean) => {
    const [isSuffix, isPrefix] = [pattern.startsWith("*"), pattern.length > 1 && pattern.endsWith("*")];
    const text = pattern.slice(isSuffix ? 1 : 0, isPrefix ? -1 : undefined);
    if (isSuffix && isPrefix) return (path) => path.includes(text);
    if (isSuffix) return (path) => path.endsWith(text);
    return isPrefix ? (path) => path.startsWith(text) : (path) => path === text;
  });
  return (path) => tests.some((test) => test(path));
}
