import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { PATIENCE_MS, until } from "../../test/support/until.ts";
import { BatchWriter, type BatchWriterOptions } from "./batch-writer.ts";
import { type LogDestination, LogFile, type WriteOutcome } from "./log-file.ts";

/** Takes what it is told to take. */
class FakeDestination implements LogDestination {
  taken = "";
  /** What it was given at once, again and again. */
  readonly pieces: string[] = [];
  openCount = 0;
  /** Of the next writes; without one everything is taken. */
  readonly outcomes: WriteOutcome[] = [];
  readonly openErrors: Error[] = [];
  readonly buffers = new Set<Buffer>();
  /** While it is true, writes stay under way. */
  isStuck = false;

  async open(): Promise<void> {
    this.openCount++;
    const error = this.openErrors.shift();
    if (error !== undefined) throw error;
  }

  write(bytes: Buffer, start: number, end: number, written: (outcome: WriteOutcome) => void): void {
    this.buffers.add(bytes);
    if (this.isStuck) return;
    // As late as threads may read them.
    setImmediate(() => {
      this.pieces.push(bytes.toString("latin1", start, end));
      const outcome = this.outcomes.shift() ?? { byteCount: end - start };
      if ("byteCount" in outcome) this.taken += bytes.toString("latin1", start, start + outcome.byteCount);
      written(outcome);
    });
  }

  close(): void {}
}

function failure(code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(code), { code });
}

function open(options: Partial<BatchWriterOptions> = {}): {
  readonly writer: BatchWriter;
  readonly destination: FakeDestination;
  readonly dropped: (readonly [number, string | null])[];
} {
  const destination = new FakeDestination();
  const dropped: (readonly [number, string | null])[] = [];
  const writer = new BatchWriter({
    destination,
    bufferBytes: 200_000,
    onDropped: (lineCount, error) => void dropped.push([lineCount, error?.message ?? null]),
    retryMs: 1,
    ...options,
  });
  return { writer, destination, dropped };
}

function write(writer: BatchWriter, line: string): void {
  const bytes = Buffer.from(line);
  writer.write(bytes, bytes.length);
}

describe("BatchWriter", () => {
  test("writes pieces of whole lines that a pipe takes at once, and a longer line by itself", async () => {
    const { writer, destination } = open({ pieceBytes: 100 });
    const lines = [
      ...Array.from({ length: 30 }, (_, index) => `a line of 20 bytes ${index % 10}\n`),
      `${"x".repeat(150)}\n`,
      "end\n",
    ];
    for (const line of lines) write(writer, line);
    await writer.close(PATIENCE_MS);
    expect(destination.pieces.join("")).toBe(lines.join(""));
    for (const piece of destination.pieces) expect(piece).toMatch(/^(?:[^]{1,100}|x+)\n?$/);
    expect(destination.pieces.every((piece) => piece.endsWith("\n"))).toBe(true);
  });

  test("writes every line in order, however many there are", async () => {
    const { writer, destination } = open();
    const lines = Array.from({ length: 10_000 }, (_, index) => `line ${index}\n`);
    for (const line of lines) write(writer, line);
    await writer.close(PATIENCE_MS);
    expect(destination.taken).toBe(lines.join(""));
    expect([writer.lineCount, writer.droppedCount]).toEqual([10_000, 0]);
  });

  test("uses the same two buffers again however many lines there are, and leaves the one that is being written alone", async () => {
    const { writer, destination } = open();
    const lines = Array.from({ length: 4_000 }, (_, index) => `${"x".repeat(150)} ${index}\n`);
    for (const line of lines) {
      write(writer, line);
      if (line.endsWith("9\n")) await nextTurn();
    }
    await writer.close(PATIENCE_MS);
    expect(destination.taken === lines.join("")).toBe(true);
    expect(destination.pieces.length).toBeGreaterThan(8);
    expect(destination.buffers.size).toBe(2);
  });

  test("goes on where a write has stopped, and tries again what failed", async () => {
    const { writer, destination, dropped } = open();
    destination.outcomes.push({ byteCount: 3 }, { error: failure("EAGAIN") }, { error: failure("ENOSPC") });
    write(writer, "first\n");
    write(writer, "second\n");
    await writer.close(PATIENCE_MS);
    expect(destination.taken).toBe("first\nsecond\n");
    expect(dropped).toEqual([]);
  });

  test("begins the line anew in the file that is opened in its middle", async () => {
    const { writer, destination } = open();
    destination.outcomes.push({ byteCount: 8 }, { error: failure("EPIPE") });
    write(writer, "first\n");
    write(writer, "second\n");
    await writer.close(PATIENCE_MS);
    expect(destination.openCount).toBe(2);
    expect(destination.taken).toBe("first\nsesecond\n");
  });

  test("waits for a destination that cannot be opened yet", async () => {
    const { writer, destination } = open();
    destination.openErrors.push(failure("ENXIO"), failure("ENXIO"));
    write(writer, "line\n");
    await writer.close(PATIENCE_MS);
    expect([destination.openCount, destination.taken]).toEqual([3, "line\n"]);
  });

  test("drops past its bound, counts what it drops, and says so once and then at the end", async () => {
    const line = `${"x".repeat(99)}\n`;
    const { writer, destination, dropped } = open({ bufferBytes: 100_000 });
    destination.isStuck = true;
    for (let count = 0; count < 1_010; count++) write(writer, line);
    expect([writer.lineCount, writer.droppedCount]).toEqual([1_000, 10]);
    expect(dropped).toEqual([[1, null]]);
    await writer.close(1);
    expect(writer.droppedCount).toBe(1_010);
    expect(dropped).toEqual([
      [1, null],
      [1_009, null],
    ]);
  });

  test("names what stood in the way", async () => {
    const { writer, destination, dropped } = open({ bufferBytes: 262_144 });
    destination.openErrors.push(...Array.from({ length: 10_000 }, () => failure("EACCES")));
    write(writer, "line\n");
    await until("two attempts", () => destination.openCount >= 2);
    await writer.close(1);
    expect(dropped).toEqual([[1, "EACCES"]]);
  });

  test.each([
    [65_536, 0],
    [65_537, 1],
  ])("of a line of %p bytes it drops %p", (byteLength, droppedCount) => {
    const { writer } = open();
    write(writer, "x".repeat(byteLength));
    expect(writer.droppedCount).toBe(droppedCount);
    void writer.close(0);
  });
});

describe("BatchWriter on a file", () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "vilya-batch-"));
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  test("loses no line while the file is rotated under load", async () => {
    const path = join(directory, "access.log");
    const { writer } = open({ destination: new LogFile(path), bufferBytes: 64 << 20 });
    const lines: string[] = [];
    for (let turn = 0; turn < 6; turn++) {
      for (let count = 0; count < 5_000; count++) {
        const line = `line ${lines.length}\n`;
        lines.push(line);
        write(writer, line);
      }
      await until("the file", () => readdirHas(path));
      renameSync(path, `${path}.${turn}`);
      writer.reopen();
    }
    await writer.close(PATIENCE_MS);
    const names = [0, 1, 2, 3, 4, 5].map((turn) => `${path}.${turn}`);
    const written = [...names, path].map((name) => (readdirHas(name) ? readFileSync(name, "latin1") : "")).join("");
    expect(written === lines.join("")).toBe(true);
  });
});

function readdirHas(path: string): boolean {
  try {
    return readFileSync(path).length >= 0;
  } catch {
    return false;
  }
}
