import type { AccessFormat } from "../../config/types/access-format.ts";
import type { AccessRecord } from "./access-record.ts";
import type { Escaping } from "./escape-octets.ts";
import { LineBuffer } from "./line-buffer.ts";
import { type EarlyPart, escapingOf, type LatePart, lineParts } from "./line-parts.ts";
import type { RequestFacts } from "./request-facts.ts";

/** Room for the request's half of an ordinary line. */
const CAPTURE_BYTES = 512;

/** Lines whose requests have ended and that wait for another one. */
const SPARE_COUNT_MAX = 1_024;

/** What is kept of a request until its line is written: what the line says of it, and where its outcome goes. */
export class CapturedLine extends LineBuffer {
  /** Offsets of the late parts, in their order. */
  readonly gaps: number[] = [];
}

/** Turns what is known of an exchange into a line with its line end: ASCII, without control characters but for that end. */
export class AccessLine {
  /** In the order of the line: text, what the request says, and `null` where the outcome goes. */
  readonly #early: readonly (Buffer | EarlyPart | null)[];
  readonly #late: readonly LatePart[];
  readonly #escaping: Escaping;
  readonly #spare: CapturedLine[] = [];
  /** Where lines are made, one after another. */
  readonly #line: LineBuffer;

  /** The line that a configured format describes. */
  constructor(format: AccessFormat) {
    this.#escaping = escapingOf(format);
    const parts = lineParts(format);
    this.#early = [...parts, "\n"].map((part) =>
      typeof part === "string" ? Buffer.from(part) : "early" in part ? part.early : null,
    );
    this.#late = parts.flatMap((part) => (typeof part !== "string" && "late" in part ? [part.late] : []));
    this.#line = new LineBuffer(CAPTURE_BYTES, this.#escaping);
  }

  /** Keeps what the line needs of the request, until it is rendered or released. */
  capture(facts: RequestFacts): CapturedLine {
    const captured = this.#spare.pop() ?? new CapturedLine(CAPTURE_BYTES, this.#escaping);
    captured.end = 0;
    let gapCount = 0;
    for (const part of this.#early) {
      if (part === null) captured.gaps[gapCount++] = captured.end;
      else if (typeof part === "function") part(facts, captured);
      else captured.writeBytes(part, 0, part.length);
    }
    return captured;
  }

  /** The line, valid until the next one is rendered. */
  render(captured: CapturedLine, record: AccessRecord): LineBuffer {
    const line = this.#line;
    line.end = 0;
    let from = 0;
    for (let index = 0; index < this.#late.length; index++) {
      const gap = captured.gaps[index]!;
      line.writeBytes(captured.bytes, from, gap);
      this.#late[index]!(record, line);
      from = gap;
    }
    line.writeBytes(captured.bytes, from, captured.end);
    return line;
  }

  /** Nobody needs it any more. One that has grown is not kept. */
  release(captured: CapturedLine): void {
    if (captured.bytes.length === CAPTURE_BYTES && this.#spare.length < SPARE_COUNT_MAX) this.#spare.push(captured);
  }
}
