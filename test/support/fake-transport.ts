import type { Transport } from "../../src/kernel/transport.ts";

/** A socket that takes as many bytes as it is told to have room for, and remembers everything it was asked. */
export class FakeTransport implements Transport {
  remoteAddress: string | undefined = "192.0.2.1";
  remotePort: number | undefined = 4711;
  /** Bytes that `write` still takes. */
  roomBytes: number = Infinity;
  /** True when the peer can take nothing more: every `write` fails. */
  isBroken = false;
  /** What each `write` that took anything has taken. */
  readonly written: Buffer[] = [];
  /** How often `write` was called, successful or not. */
  writeCount = 0;
  /** Every other call, in order. */
  readonly calls: string[] = [];
  /** Called by `end` and `terminate`, as the runtime reports the close of a socket before they return. */
  onClosed: () => void = () => {};

  /** Everything written. */
  get bytes(): Buffer {
    return Buffer.concat(this.written);
  }

  write(bytes: Uint8Array, start: number, count: number): number {
    this.writeCount++;
    if (this.isBroken) return -1;
    const taken = Math.min(count, this.roomBytes);
    this.roomBytes -= taken;
    if (taken > 0) this.written.push(Buffer.from(bytes.subarray(start, start + taken)));
    return taken;
  }

  pause(): void {
    this.calls.push("pause");
  }

  resume(): void {
    this.calls.push("resume");
  }

  end(): void {
    this.calls.push("end");
    this.#close();
  }

  terminate(): void {
    this.calls.push("terminate");
    this.#close();
  }

  shutdown(): void {
    this.calls.push("shutdown");
  }

  #close(): void {
    this.isBroken = true;
    this.remoteAddress = this.remotePort = undefined;
    this.onClosed();
  }
}
