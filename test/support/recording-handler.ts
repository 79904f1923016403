import type { Connection } from "../../src/kernel/connection.ts";
import type { ConnectionHandler } from "../../src/kernel/connection-handler.ts";
import type { CloseCause } from "../../src/kernel/monitor.ts";
import { until } from "./until.ts";

/** What a test wants to happen on an event, besides its being recorded. */
export type Reactions = {
  readonly [Event in keyof ConnectionHandler]?: (
    connection: Connection,
    ...parameters: Parameters<ConnectionHandler[Event]>
  ) => void;
};

/** A handler that writes down what it is told, and reacts as a test says. */
export class RecordingHandler implements ConnectionHandler {
  readonly connection: Connection;
  readonly #reactions: Reactions;
  /** The events but for bytes, in order: `end`, `drain`, `deadline`, `close`. */
  readonly events: string[] = [];
  readonly chunks: Buffer[] = [];
  closeCause: CloseCause | null = null;
  isWritten: boolean | null = null;

  constructor(connection: Connection, reactions: Reactions = {}) {
    this.connection = connection;
    this.#reactions = reactions;
  }

  get received(): Buffer {
    return Buffer.concat(this.chunks);
  }

  onBytes(chunk: Buffer): void {
    this.chunks.push(chunk);
    this.#reactions.onBytes?.(this.connection, chunk);
  }

  onEnd(): void {
    this.events.push("end");
    this.#reactions.onEnd?.(this.connection);
  }

  onDrain(): void {
    this.events.push("drain");
    this.#reactions.onDrain?.(this.connection);
  }

  onDeadline(): void {
    this.events.push("deadline");
    this.#reactions.onDeadline?.(this.connection);
  }

  onClose(cause: CloseCause, isWritten: boolean): void {
    this.events.push("close");
    this.closeCause = cause;
    this.isWritten = isWritten;
    this.#reactions.onClose?.(this.connection, cause, isWritten);
  }

  /** Waits for `onClose` and returns why. */
  async untilClosed(): Promise<CloseCause> {
    return until("the close of a connection", () => this.closeCause);
  }

  /** Waits until as many bytes have arrived. */
  async untilReceived(byteCount: number): Promise<Buffer> {
    await until(
      `receiving ${byteCount} bytes`,
      () => this.chunks.reduce((sum, { length }) => sum + length, 0) >= byteCount,
    );
    return this.received;
  }
}
