import { describe, expect, test } from "bun:test";

import { buildFieldBlock } from "../../../test/support/build-field-block.ts";
import { BodyMemory } from "./body-memory.ts";
import type { FieldBlock } from "../../protocols/http/field-block.ts";
import { RequestStream, type RequestStreamReader, type RequestStreamSource } from "./request-stream.ts";

const NO_SPOOL = { memoryBytesMax: 0, memory: new BodyMemory(0), directory: "/nowhere", namedDirectory: null };

/** Remembers what it is told, as a reader and as a source. */
class Recorder implements RequestStreamReader, RequestStreamSource {
  readonly calls: string[] = [];

  onBodyBytes(bytes: Buffer, start: number, end: number): void {
    this.calls.push(bytes.toString("latin1", start, end));
  }

  onBodyEnd(trailers: FieldBlock | null): void {
    this.calls.push(`end ${trailers?.get("x") ?? "without trailers"}`);
  }

  onBodyAborted(): void {
    this.calls.push("aborted");
  }

  onReadingBegun(): void {
    this.calls.push("begun");
  }

  onRoom(): void {
    this.calls.push("room");
  }

  onSpoolFailed(error: Error): void {
    this.calls.push(`failed: ${error.message}`);
  }
}

function scene(): { readonly stream: RequestStream; readonly reader: Recorder; readonly source: Recorder } {
  const source = new Recorder();
  return { stream: new RequestStream(source, NO_SPOOL), reader: new Recorder(), source };
}

function append(stream: RequestStream, text: string): void {
  stream.append(Buffer.from(`[${text}]`), 1, text.length + 1);
}

describe("RequestStream", () => {
  test("gives its reader what it has granted and holds the rest, in order", () => {
    const { stream, reader, source } = scene();
    append(stream, "ab");
    expect([stream.isFull, stream.isHolding]).toEqual([true, true]);
    stream.open(reader, 1);
    append(stream, "cd");
    expect(reader.calls).toEqual(["a"]);
    stream.grant(2);
    stream.end(buildFieldBlock([["X", "1"]]));
    expect(reader.calls).toEqual(["a", "bc"]);
    stream.grant(5);
    expect(reader.calls).toEqual(["a", "bc", "d", "end 1"]);
    expect(source.calls).toEqual(["begun"]);
  });

  test("asks its source for more when nothing is held and there is credit, and only then", () => {
    const { stream, reader, source } = scene();
    stream.open(reader, 3);
    expect(source.calls).toEqual(["begun", "room"]);
    append(stream, "abcd");
    stream.grant(1);
    expect([source.calls, stream.isFull]).toEqual([["begun", "room"], true]);
    stream.grant(2);
    expect([source.calls, stream.isFull]).toEqual([["begun", "room", "room"], false]);
  });

  test("needs no credit for its end", () => {
    const { stream, reader } = scene();
    stream.open(reader, 1);
    append(stream, "a");
    stream.end(null);
    expect(reader.calls).toEqual(["a", "end without trailers"]);
  });

  test("tells whoever opens it that it was broken off, and nothing after its end", () => {
    const early = scene();
    early.stream.abort();
    early.stream.open(early.reader, 1);
    expect(early.reader.calls).toEqual(["aborted"]);
    const late = scene();
    late.stream.open(late.reader, 1);
    late.stream.end(null);
    late.stream.abort();
    expect(late.reader.calls).toEqual(["end without trailers"]);
  });

  test("breaks off what has arrived in full and was not read", () => {
    const { stream, reader } = scene();
    append(stream, "ab");
    stream.end(null);
    stream.open(reader, 1);
    stream.abort();
    stream.grant(5);
    expect(reader.calls).toEqual(["a", "aborted"]);
  });

  test("drops everything once nobody reads on", () => {
    const { stream, reader, source } = scene();
    append(stream, "ab");
    stream.open(reader, 1);
    stream.close();
    append(stream, "c");
    stream.grant(9);
    stream.end(null);
    stream.abort();
    expect([reader.calls, source.calls, stream.isHolding]).toEqual([["a"], ["begun"], false]);
  });

  test("can be taken from a reader that was given nothing, and opened for another one, and has its client asked once", () => {
    const { stream, reader, source } = scene();
    const other = new Recorder();
    stream.open(reader, 2);
    stream.release();
    append(stream, "ab");
    stream.open(other, 1);
    expect([reader.calls, other.calls, source.calls]).toEqual([[], ["a"], ["begun", "room"]]);
  });

  test("lets a reader grant and close while it is given something", () => {
    const { stream, source } = scene();
    const taken: string[] = [];
    const reader = new Recorder();
    reader.onBodyBytes = (bytes, start, end) => {
      taken.push(bytes.toString("latin1", start, end));
      if (taken.length < 3) stream.grant(1);
      else stream.close();
    };
    stream.open(reader, 1);
    append(stream, "abcdef");
    expect(taken).toEqual(["a", "b", "c"]);
    expect(source.calls[0]).toBe("begun");
  });

  test("says that it cannot be kept, and gives nobody the rest", () => {
    const { stream, reader, source } = scene();
    stream.open(reader, 10);
    stream.fail(new Error("no disk"));
    append(stream, "ab");
    stream.abort();
    expect(source.calls).toEqual(["begun", "room", "failed: no disk"]);
    expect(reader.calls).toEqual([]);
  });
});
