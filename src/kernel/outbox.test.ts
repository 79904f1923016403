import { describe, expect, test } from "bun:test";

import { FakeTransport } from "../../test/support/fake-transport.ts";
import { seededRandom } from "../../test/support/seeded-random.ts";
import { libc } from "./libc.ts";
import { Outbox } from "./outbox.ts";
import { AF_INET } from "./sockaddr.ts";

/** <sys/socket.h>, <netinet/tcp.h> */
const SOCK_STREAM = 1;
const IPPROTO_TCP = 6;
const TCP_CORK = 3;

const KIB = 1_024;
const HIGH_WATER_BYTES = 256 * KIB;
const LOW_WATER_BYTES = 64 * KIB;
const DIRECT_WRITE_BYTES_MIN = 32 * KIB;

function setUp(): { socket: FakeTransport; outbox: Outbox } {
  const socket = new FakeTransport();
  return { socket, outbox: new Outbox(socket) };
}

describe("Outbox", () => {
  test("hands what was appended to the socket in one piece", () => {
    const { socket, outbox } = setUp();
    outbox.arena().writeLatin1("one ");
    outbox.append(Buffer.from("two"), 0, 3);
    expect(socket.writeCount).toBe(0);
    expect(outbox.waitingBytes).toBe(7);
    expect(outbox.transmit()).toBe(true);
    expect(socket.written.map(String)).toEqual(["one two"]);
    expect(outbox.sentBytes).toBe(7);
    expect(outbox.waitingBytes).toBe(0);
  });

  test("asks the socket nothing when nothing waits", () => {
    const { socket, outbox } = setUp();
    expect(outbox.transmit()).toBe(true);
    outbox.arena();
    expect(outbox.transmit()).toBe(true);
    expect(socket.writeCount).toBe(0);
  });

  test("keeps what the socket did not take", () => {
    const { socket, outbox } = setUp();
    outbox.arena().writeLatin1("abcdef");
    for (const room of [0, 1, 2]) {
      socket.roomBytes = room;
      expect(outbox.transmit()).toBe(false);
    }
    socket.roomBytes = Infinity;
    expect(outbox.transmit()).toBe(true);
    expect(socket.written.map(String)).toEqual(["a", "bc", "def"]);
  });

  test.each([DIRECT_WRITE_BYTES_MIN - 1, DIRECT_WRITE_BYTES_MIN])(
    "sends what waited before a block of %d bytes",
    (byteCount) => {
      const { socket, outbox } = setUp();
      const block = Buffer.alloc(byteCount, "x");
      outbox.arena().writeLatin1("head");
      outbox.append(block, 0, byteCount);
      const isDirect = byteCount >= DIRECT_WRITE_BYTES_MIN;
      expect(socket.written.map(({ length }) => length)).toEqual(isDirect ? [4, byteCount] : []);
      outbox.transmit();
      expect(socket.bytes.equals(Buffer.concat([Buffer.from("head"), block]))).toBe(true);
    },
  );

  test("takes no arena for a small block that the socket takes at once", () => {
    const { socket, outbox } = setUp();
    outbox.appendDirect(Buffer.from("[block]"), 1, 6);
    expect([socket.bytes.toString(), outbox.waitingBytes]).toEqual(["block", 0]);
    socket.roomBytes = 2;
    outbox.appendDirect(Buffer.from("block"), 0, 5);
    expect([socket.bytes.toString(), outbox.waitingBytes, outbox.sentBytes]).toEqual(["blockbl", 3, 7]);
  });

  test("does not let a large block overtake what the socket has not taken yet", () => {
    const { socket, outbox } = setUp();
    outbox.arena().writeLatin1("head");
    socket.roomBytes = 1;
    outbox.append(Buffer.alloc(DIRECT_WRITE_BYTES_MIN, "x"), 0, DIRECT_WRITE_BYTES_MIN);
    socket.roomBytes = Infinity;
    outbox.transmit();
    expect(socket.bytes.toString()).toBe(`head${"x".repeat(DIRECT_WRITE_BYTES_MIN)}`);
  });

  test("tells once, when it is settled, that the output has fallen from above high water to below low water", () => {
    const { socket, outbox } = setUp();
    socket.roomBytes = 0;
    outbox.arena().writeBytes(Buffer.alloc(HIGH_WATER_BYTES));
    expect(outbox.isAboveHighWater).toBe(false);
    outbox.arena().writeUint8(0);
    expect(outbox.isAboveHighWater).toBe(true);
    outbox.transmit();
    expect(outbox.settle()).toBe(false);
    socket.roomBytes = HIGH_WATER_BYTES - LOW_WATER_BYTES;
    outbox.transmit();
    expect(outbox.isAboveHighWater).toBe(true);
    expect(outbox.settle()).toBe(false);
    socket.roomBytes = 1;
    outbox.transmit();
    expect(outbox.settle()).toBe(true);
    expect(outbox.isAboveHighWater).toBe(false);
    expect(outbox.settle()).toBe(false);
  });

  test("tells also when everything leaves at once: the source has been told to stop", () => {
    const { outbox } = setUp();
    outbox.arena().writeBytes(Buffer.alloc(HIGH_WATER_BYTES + 1));
    expect(outbox.isAboveHighWater).toBe(true);
    expect(outbox.transmit()).toBe(true);
    expect(outbox.settle()).toBe(true);
  });

  test("keeps one arena until it is settled, so that an encoder may flush in between", () => {
    const { socket, outbox } = setUp();
    const arena = outbox.arena();
    arena.writeLatin1("before ");
    outbox.transmit();
    const { outbox: other } = setUp();
    expect(other.arena()).not.toBe(arena);
    arena.writeLatin1("after");
    outbox.transmit();
    expect(socket.bytes.toString()).toBe("before after");
    outbox.settle();
    expect(outbox.waitingBytes).toBe(0);
  });

  test.each([10, DIRECT_WRITE_BYTES_MIN])(
    "sends nothing after the socket has refused a write of %d bytes",
    (byteCount) => {
      const { socket, outbox } = setUp();
      outbox.arena().writeLatin1("sent");
      outbox.transmit();
      socket.isBroken = true;
      outbox.append(Buffer.alloc(byteCount), 0, byteCount);
      expect(outbox.transmit()).toBe(false);
      expect(outbox.isFailed).toBe(true);
      expect(outbox.sentBytes).toBe(4);
      socket.isBroken = false;
      outbox.append(Buffer.alloc(DIRECT_WRITE_BYTES_MIN), 0, DIRECT_WRITE_BYTES_MIN);
      expect(outbox.transmit()).toBe(false);
      expect(socket.bytes.toString()).toBe("sent");
    },
  );

  test("drops what waits when it is cleared", () => {
    const { socket, outbox } = setUp();
    outbox.arena().writeLatin1("lost");
    outbox.clear();
    expect(outbox.waitingBytes).toBe(0);
    outbox.transmit();
    expect(socket.writeCount).toBe(0);
  });

  test.each([1, 2, 3])("sends every byte once and in order, whatever the socket takes (seed %d)", (seed) => {
    const random = seededRandom(seed);
    const { socket, outbox } = setUp();
    const expected: Buffer[] = [];
    let appendedBytes = 0;
    for (let step = 0; step < 500; step++) {
      const block = Buffer.alloc(random.below([10, 5_000, 3 * DIRECT_WRITE_BYTES_MIN][random.below(3)]!), step);
      expected.push(block);
      appendedBytes += block.length;
      socket.roomBytes = random.below(100_000);
      if (random.below(2) === 0) outbox.append(block, 0, block.length);
      else outbox.arena().writeBytes(block);
      if (random.below(2) === 0) outbox.transmit();
      if (random.below(3) === 0) outbox.settle();
      expect(outbox.sentBytes + outbox.waitingBytes).toBe(appendedBytes);
    }
    socket.roomBytes = Infinity;
    outbox.transmit();
    expect(socket.bytes.equals(Buffer.concat(expected))).toBe(true);
  });

  test("holds back what fills no segment, and lets it go", () => {
    const fd = libc().socket(AF_INET, SOCK_STREAM, 0);
    const outbox = new Outbox(Object.assign(new FakeTransport(), { fd }));
    const isCorked = (): number => {
      const value = new Int32Array(1);
      libc().getsockopt(
        fd,
        IPPROTO_TCP,
        TCP_CORK,
        new Uint8Array(value.buffer),
        new Uint8Array(Int32Array.of(4).buffer),
      );
      return value[0]!;
    };
    const seen = [isCorked()];
    for (const isOn of [true, false]) {
      outbox.cork(isOn);
      seen.push(isCorked());
    }
    libc().close(fd);
    expect(seen).toEqual([0, 1, 0]);
  });
});
