import type { Connection } from "../kernel/connection.ts";
import type { ConnectionHandler } from "../kernel/connection-handler.ts";
import { dial } from "../kernel/dial.ts";
import type { CloseCause } from "../kernel/monitor.ts";
import { unobserved } from "../kernel/monitor.ts";
import { Segments } from "../kernel/segments.ts";
import { TimerWheel } from "../kernel/timer-wheel.ts";
import { ControlMessageError } from "./control-message.ts";

/** The longest message is `start`, which carries the configuration. */
export const CONTROL_MESSAGE_BYTES_MAX: number = 16 * 1024 * 1024;

/** What may wait for an end that does not read; past it the channel closes, as if that end were gone. */
const UNREAD_BYTES_MAX = 2 * CONTROL_MESSAGE_BYTES_MAX;

const LINE_FEED = 10;

/** What one end of a control channel is made of. */
export interface ControlChannelOptions<Incoming, Outgoing extends object> {
  /** One end of a connected pair of stream sockets; it belongs to the channel from now on. */
  readonly fd: number;
  /** @throws {ControlMessageError} for what it does not know. */
  readonly parse: (line: string) => Incoming;
  /** Called before the first message. */
  readonly onOpen: (channel: ControlChannel<Incoming, Outgoing>) => void;
  readonly onMessage: (message: Incoming) => void;
  /** The other end is gone, or what it said (`error`) made the channel unusable. Called once, after the last message. */
  readonly onClose: (error: Error | null) => void;
}

/**
 * The private line between the master and another of its processes: one JSON object a line, both ways.
 *
 * Invariant: a message handed to `send` is with the kernel when `send` returns, as long as the other end reads: what a process said before
 * it was killed is heard. The end of the stream means that the other process is gone.
 */
export class ControlChannel<Incoming, Outgoing extends object> implements ConnectionHandler {
  readonly #connection: Connection;
  readonly #options: ControlChannelOptions<Incoming, Outgoing>;
  readonly #segments = new Segments();
  #error: Error | null = null;

  /** Use {@link openControlChannel}. */
  constructor(connection: Connection, options: ControlChannelOptions<Incoming, Outgoing>) {
    this.#connection = connection;
    this.#options = options;
  }

  /** Says `message` now. It is lost without an error when the other end is gone, which `onClose` tells. */
  send(message: Outgoing): void {
    if (this.#connection.isClosed) return;
    this.#connection.output().writeBytes(Buffer.from(`${JSON.stringify(message)}\n`));
    this.#connection.flush();
    if (this.#connection.outputBytes > UNREAD_BYTES_MAX) {
      this.#fail(new ControlMessageError(`Cannot send a control message: ${UNREAD_BYTES_MAX} bytes wait to be read`));
    }
  }

  close(): void {
    this.#connection.close();
  }

  onBytes(chunk: Buffer): void {
    const segments = this.#segments;
    segments.append(chunk);
    while (!this.#connection.isClosed) {
      const end = segments.bytes.indexOf(LINE_FEED, segments.start);
      if (end === -1 || end >= segments.end) break;
      const line = segments.bytes.toString("utf8", segments.start, end);
      segments.consume(end + 1 - segments.start);
      this.#receive(line);
    }
    if (segments.byteLength > CONTROL_MESSAGE_BYTES_MAX) {
      this.#fail(
        new ControlMessageError(`Cannot read a control message: it is over ${CONTROL_MESSAGE_BYTES_MAX} bytes long`),
      );
    }
  }

  onEnd(): void {
    this.#connection.close("peer");
  }

  onClose(_cause: CloseCause): void {
    this.#options.onClose(this.#error);
  }

  /** Nothing that is sent here is worth waiting for: see `UNREAD_BYTES_MAX`. */
  onDrain(): void {}

  /** Never set: heartbeats are counted instead of timed, so that a machine that was suspended does not fail them. */
  onDeadline(): void {}

  #receive(line: string): void {
    let message: Incoming;
    try {
      message = this.#options.parse(line);
    } catch (error) {
      this.#fail(error instanceof Error ? error : new Error(String(error)));
      return;
    }
    try {
      this.#options.onMessage(message);
    } catch (error) {
      reportError(error); // A bug in acting on one message must not cost the process at the other end.
    }
  }

  #fail(error: Error): void {
    this.#error ??= error;
    this.#connection.poison(error);
  }
}

/** Makes a control channel of a descriptor that this process inherited, or keeps of a pair. @throws when it is no stream socket. */
export async function openControlChannel<Incoming, Outgoing extends object>(
  options: ControlChannelOptions<Incoming, Outgoing>,
): Promise<void> {
  await dial({
    address: { fd: options.fd },
    wheel: new TimerWheel(),
    monitor: unobserved,
    stallMs: 0,
    open: (connection) => {
      const channel = new ControlChannel<Incoming, Outgoing>(connection, options);
      options.onOpen(channel);
      return channel;
    },
  });
}
