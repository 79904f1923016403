import type { FrameSink } from "../../src/protocols/http2/frame-sink.ts";

/** Writes down what it is told, one text a call; octets as Latin-1. */
export class RecordingFrameSink implements FrameSink {
  readonly calls: string[] = [];
  /** Takes no more than this many calls. */
  callCountMax: number = Infinity;
  /** Thrown by the next call. */
  error: Error | null = null;

  get isFull(): boolean {
    return this.calls.length >= this.callCountMax;
  }

  onData(streamId: number, isEnd: boolean, bytes: Buffer, start: number, end: number, flowBytes: number): void {
    this.#note(`data ${streamId}${isEnd ? " end" : ""} ${flowBytes}: ${bytes.toString("latin1", start, end)}`);
  }

  onHeaders(streamId: number, isEnd: boolean, bytes: Buffer, start: number, end: number): void {
    this.#note(`headers ${streamId}${isEnd ? " end" : ""}: ${bytes.toString("latin1", start, end)}`);
  }

  onReset(streamId: number, errorCode: number): void {
    this.#note(`reset ${streamId} ${errorCode}`);
  }

  onSettings(bytes: Buffer, start: number, end: number): void {
    this.#note(`settings ${bytes.toString("hex", start, end)}`);
  }

  onPing(bytes: Buffer, start: number): void {
    this.#note(`ping ${bytes.toString("latin1", start, start + 8)}`);
  }

  onPingAck(bytes: Buffer, start: number): void {
    this.#note(`pong ${bytes.toString("latin1", start, start + 8)}`);
  }

  onGoaway(errorCode: number): void {
    this.#note(`goaway ${errorCode}`);
  }

  onWindowUpdate(streamId: number, increment: number): void {
    this.#note(`window ${streamId} ${increment}`);
  }

  onIdleFrame(): void {
    this.#note("idle");
  }

  #note(call: string): void {
    this.calls.push(call);
    const { error } = this;
    this.error = null;
    if (error !== null) throw error;
  }
}
