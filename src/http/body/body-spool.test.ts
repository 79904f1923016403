import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { until } from "../../../test/support/until.ts";
import { BodyMemory } from "./body-memory.ts";
import { BodySpool, type BodySpoolListener, type SpooledBody } from "./body-spool.ts";
import { removeFile } from "./spool-file.ts";

let directory = "";
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "vilya-spool-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

class Listener implements BodySpoolListener {
  readonly spooled = Promise.withResolvers<SpooledBody>();
  readonly failed = Promise.withResolvers<Error>();
  fullCount = 0;
  drainedCount = 0;
  onSpooled(body: SpooledBody): void {
    this.spooled.resolve(body);
  }
  onSpoolFull(): void {
    this.fullCount++;
  }
  onSpoolDrained(): void {
    this.drainedCount++;
  }
  onSpoolFailed(error: Error): void {
    this.failed.resolve(error);
  }
}

function contents(body: SpooledBody): Buffer {
  const pieces: Buffer[] = [];
  body.read((bytes, start, end) => pieces.push(Buffer.from(bytes.slice(start, end))));
  return Buffer.concat(pieces);
}

function pattern(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let i = 0; i < length; i++) bytes[i] = (i * 31 + (i >>> 8)) & 0xff;
  return bytes;
}

/** How many files of the test's directory are open, whether they have a name or not. */
function openFiles(): number {
  return readdirSync("/proc/self/fd").filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith(directory);
    } catch {
      return false; // What the descriptors were listed with.
    }
  }).length;
}

describe("BodySpool", () => {
  test("holds what is its own, although the memory of small bodies goes from one to the next", async () => {
    const memory = new BodyMemory(1 << 20);
    const spool = async (text: string): Promise<SpooledBody> => {
      const listener = new Listener();
      const made = new BodySpool({ memoryBytesMax: 1000, memory, directory, namedDirectory: null }, listener);
      made.append(Buffer.from(text), 0, text.length);
      made.end();
      return listener.spooled.promise;
    };
    const [first, second] = [await spool("first"), await spool("second")];
    first.dispose();
    const third = await spool("the third one");
    expect([second, third].map((body) => contents(body).toString())).toEqual(["second", "the third one"]);
    second.dispose();
    third.dispose();
    third.dispose();
    const [fourth, fifth] = [await spool("4"), await spool("5")];
    expect([fourth, fifth].map((body) => contents(body).toString())).toEqual(["4", "5"]);
    expect(memory.bytes).toBe(2);
  });

  test("keeps a body of exactly the memory bound in memory, and reads it twice", async () => {
    const memory = new BodyMemory(1 << 20);
    const listener = new Listener();
    const spool = new BodySpool({ memoryBytesMax: 1000, memory, directory, namedDirectory: null }, listener);
    const body = pattern(1000);
    for (let i = 0; i < 1000; i += 100) spool.append(body, i, i + 100);
    spool.end();
    const spooled = await listener.spooled.promise;
    expect(contents(spooled)).toEqual(body);
    expect(contents(spooled)).toEqual(body);
    expect(memory.bytes).toBe(1000);
    spooled.dispose();
    spooled.dispose();
    expect(memory.bytes).toBe(0);
  });

  test("moves a body one byte over the bound to an unnamed file and gives its memory back", async () => {
    const memory = new BodyMemory(1 << 20);
    const listener = new Listener();
    const spool = new BodySpool({ memoryBytesMax: 1000, memory, directory, namedDirectory: null }, listener);
    const body = pattern(1001);
    spool.append(body, 0, 1000);
    expect(memory.bytes).toBe(1000);
    spool.append(body, 1000, 1001);
    spool.end();
    const spooled = await listener.spooled.promise;
    expect(spooled.byteLength).toBe(1001);
    expect(contents(spooled)).toEqual(body);
    expect(memory.bytes).toBe(0);
    expect(readdirSync(directory)).toEqual([]);
    spooled.dispose();
    await until("its file to be closed", () => openFiles() === 0);
  });

  test("goes to a file from the first byte when all bodies together hold the total", async () => {
    const memory = new BodyMemory(100);
    memory.tryTake(90);
    const listener = new Listener();
    const spool = new BodySpool({ memoryBytesMax: 1000, memory, directory, namedDirectory: null }, listener);
    spool.append(pattern(11), 0, 11);
    spool.end();
    const spooled = await listener.spooled.promise;
    expect(contents(spooled)).toEqual(pattern(11));
    expect(memory.bytes).toBe(90);
    spooled.dispose();
  });

  test("keeps the order of 8 MiB in odd pieces, and asks a fast client to wait for the disk", async () => {
    const listener = new Listener();
    const spool = new BodySpool(
      { memoryBytesMax: 10, memory: new BodyMemory(10), directory, namedDirectory: null },
      listener,
    );
    const body = pattern(8 << 20);
    for (let start = 0; start < body.length; start += 7919)
      spool.append(body, start, Math.min(start + 7919, body.length));
    spool.end();
    const spooled = await listener.spooled.promise;
    expect(contents(spooled).equals(body)).toBe(true);
    expect(listener.fullCount).toBeGreaterThan(0);
    expect(listener.drainedCount).toBe(listener.fullCount);
    spooled.dispose();
  });

  test("reports a directory that is gone once, and holds nothing afterwards", async () => {
    const memory = new BodyMemory(1000);
    const listener = new Listener();
    const spool = new BodySpool(
      { memoryBytesMax: 10, memory, directory: join(directory, "absent"), namedDirectory: null },
      listener,
    );
    spool.append(pattern(10), 0, 10);
    spool.append(pattern(10), 0, 10);
    spool.append(pattern(10), 0, 10);
    spool.end();
    expect(await listener.failed.promise).toMatchObject({ code: "ENOENT" });
    expect(memory.bytes).toBe(0);
  });

  test("hands over the file of a body that is taken as one, and removes it where nobody has taken it", async () => {
    const options = {
      memoryBytesMax: 0,
      memory: new BodyMemory(0),
      directory: "/proc/nowhere",
      namedDirectory: directory,
    };
    const [taken, left] = [new Listener(), new Listener()];
    for (const listener of [taken, left]) {
      const spool = new BodySpool(options, listener, "file");
      spool.append(pattern(1000), 0, 1000);
      spool.end();
    }
    const body = await taken.spooled.promise;
    const path = body.takeFile()!;
    expect(body.takeFile()).toBeNull();
    body.dispose();
    (await left.spooled.promise).dispose();
    await until("the other one's end", () => readdirSync(directory).length === 1);
    expect(readFileSync(path).equals(pattern(1000))).toBe(true);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    removeFile(path);
    removeFile(path);
    await until("its removal", () => readdirSync(directory).length === 0);
    await until("the files to be closed", () => openFiles() === 0);
  });

  test("has no file to hand over of a body in memory, or where no file has a name", async () => {
    const memory = new BodyMemory(1000);
    for (const options of [
      { memoryBytesMax: 1000, memory, directory, namedDirectory: directory },
      { memoryBytesMax: 0, memory, directory, namedDirectory: null },
    ]) {
      const listener = new Listener();
      const spool = new BodySpool(options, listener, "file");
      spool.append(pattern(1000), 0, 1000);
      spool.end();
      const body = await listener.spooled.promise;
      expect([body.takeFile(), contents(body).length]).toEqual([null, 1000]);
      body.dispose();
    }
    await until("the file to be closed", () => openFiles() === 0);
  });

  test("disposed while a write is under way, it closes its file when the write ends", async () => {
    const listener = new Listener();
    const spool = new BodySpool(
      { memoryBytesMax: 0, memory: new BodyMemory(0), directory, namedDirectory: null },
      listener,
    );
    spool.append(pattern(1 << 20), 0, 1 << 20);
    spool.dispose();
    await until("its file to be closed", () => openFiles() === 0);
  });
});
