import { describe, expect, test } from "bun:test";
import { LineWriter } from "./line-writer.ts";

type Written = (error: NodeJS.ErrnoException | null, byteCount: number) => void;

/** A descriptor that finishes a write only when told to. */
class HeldDescriptor {
  readonly texts: string[] = [];
  #written: Written | null = null;

  readonly write = (bytes: Uint8Array, written: Written): void => {
    this.texts.push(new TextDecoder().decode(bytes));
    this.#written = written;
  };

  get isWriting(): boolean {
    return this.#written !== null;
  }

  accept(byteCount = this.texts.at(-1)?.length ?? 0): void {
    this.#finish(null, byteCount);
  }

  fail(code: string): void {
    this.#finish(Object.assign(new Error(code), { code }), 0);
  }

  #finish(error: NodeJS.ErrnoException | null, byteCount: number): void {
    const written = this.#written;
    this.#written = null;
    written?.(error, byteCount);
  }
}

function openHeld(pendingLengthMax?: number) {
  const descriptor = new HeldDescriptor();
  const writer = new LineWriter({
    fileDescriptor: -1,
    ...(pendingLengthMax !== undefined && { pendingLengthMax }),
    renderDropped: (lineCount) => `dropped ${lineCount}\n`,
    write: descriptor.write,
  });
  return { descriptor, writer };
}

describe("LineWriter", () => {
  test("writes one batch at a time, lines that come meanwhile together", () => {
    const { descriptor, writer } = openHeld();
    writer.write("a\n");
    writer.write("b\n");
    writer.write("c\n");
    expect(descriptor.texts).toEqual(["a\n"]);
    descriptor.accept();
    expect(descriptor.texts).toEqual(["a\n", "b\nc\n"]);
    descriptor.accept();
    expect(descriptor.isWriting).toBe(false);
  });

  test("goes on where a partial write stopped", () => {
    const { descriptor, writer } = openHeld();
    writer.write("abcdef\n");
    descriptor.accept(2);
    descriptor.accept(4);
    descriptor.accept(1);
    expect(descriptor.texts).toEqual(["abcdef\n", "cdef\n", "\n"]);
    expect(descriptor.isWriting).toBe(false);
  });

  test("drops lines past the bound and says how many once the reader is back", () => {
    const { descriptor, writer } = openHeld(4);
    writer.write("1\n");
    for (const line of ["2\n", "3\n", "4\n", "5\n"]) writer.write(line);
    descriptor.accept();
    descriptor.accept();
    expect(descriptor.texts).toEqual(["1\n", "2\n3\ndropped 2\n"]);
  });

  test("takes exactly as many characters as the bound allows", () => {
    const { descriptor, writer } = openHeld(4);
    writer.write("1\n");
    writer.write("abc\n");
    writer.write("\n");
    descriptor.accept();
    expect(descriptor.texts).toEqual(["1\n", "abc\ndropped 1\n"]);
  });

  test.each(["EPIPE", "ENOSPC", "EIO"])(
    "survives %s, and tells of the loss with the next line that can be written",
    (code) => {
      const { descriptor, writer } = openHeld();
      writer.write("lost\n");
      descriptor.fail(code);
      expect(descriptor.isWriting).toBe(false);
      writer.write("kept\n");
      descriptor.accept();
      expect(descriptor.texts).toEqual(["lost\n", "dropped 1\nkept\n"]);
    },
  );

  test("tries again when a non-blocking descriptor is full", async () => {
    const { descriptor, writer } = openHeld();
    writer.write("a\n");
    descriptor.fail("EAGAIN");
    while (!descriptor.isWriting) await Bun.sleep(1);
    descriptor.accept();
    expect(descriptor.texts).toEqual(["a\n", "a\n"]);
  });

  describe("flush", () => {
    test("is done at once when nothing waits", async () => {
      expect(await openHeld().writer.flush(0)).toBe(true);
    });

    test("waits for what is under way and what waits behind it", async () => {
      const { descriptor, writer } = openHeld();
      writer.write("a\n");
      writer.write("b\n");
      const flushed = writer.flush(60_000);
      descriptor.accept();
      descriptor.accept();
      expect(await flushed).toBe(true);
    });

    test("gives up at its deadline when the reader is stuck", async () => {
      const { writer } = openHeld();
      writer.write("a\n");
      expect(await writer.flush(1)).toBe(false);
    });

    test("tells when lines were lost", async () => {
      const { descriptor, writer } = openHeld();
      writer.write("a\n");
      descriptor.fail("EPIPE");
      expect(await writer.flush(0)).toBe(false);
    });
  });
});
