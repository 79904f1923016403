import type { RelayCounts } from "../../admin/front-report.ts";
import type { Connection } from "../../kernel/connection.ts";
import type { ConnectionHandler } from "../../kernel/connection-handler.ts";
import { unobserved } from "../../kernel/monitor.ts";
import { Reconnector, type ReconnectorOwner } from "../../kernel/reconnector.ts";
import type { TimerWheel } from "../../kernel/timer-wheel.ts";
import type { Logger } from "../../telemetry/logger.ts";

/** What may wait for one front: one that hangs must not fill the memory of the others. One message may be larger. */
export const RELAY_WAITING_BYTES_MAX: number = 16 * 1024 * 1024;

/** A front that has just been spawned listens within milliseconds; one that is about to go never again. */
const RETRY_MS_MIN = 10;
const RETRY_MS_MAX = 1_000;

export interface RelayLinkOptions {
  readonly path: string;
  readonly wheel: TimerWheel;
  readonly log: Logger;
}

/** The way from this front to one other, which takes what is sent before it stands, too. */
export class RelayLink implements ReconnectorOwner {
  readonly #log: Logger;
  readonly #reconnector: Reconnector;
  #connection: Connection | null = null;
  /** Sent before there was a connection. */
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #relayedCount = 0;
  #droppedCount = 0;
  #isFull = false;

  constructor({ path, wheel, log }: RelayLinkOptions) {
    this.#log = log;
    this.#reconnector = new Reconnector({
      address: { path },
      owner: this,
      backoff: { delayMsMin: RETRY_MS_MIN, delayMsMax: RETRY_MS_MAX },
      wheel,
      monitor: unobserved,
      stallMs: 0,
    });
    this.#reconnector.start();
  }

  get counts(): RelayCounts {
    return { relayedCount: this.#relayedCount, droppedCount: this.#droppedCount };
  }

  /** Sends a frame; it leaves at the end of the turn. One that finds too much waiting is dropped. */
  send(frame: Buffer): void {
    const connection = this.#connection;
    const waitingBytes = connection === null ? this.#waitingBytes : connection.outputBytes;
    if (waitingBytes >= RELAY_WAITING_BYTES_MAX) {
      this.#droppedCount++;
      if (!this.#isFull) this.#log.warn("messages for another front dropped: it takes none", { waitingBytes });
      this.#isFull = true;
      return;
    }
    this.#isFull = false;
    this.#relayedCount++;
    if (connection === null) {
      this.#waiting.push(frame);
      this.#waitingBytes += frame.length;
    } else connection.output().writeBytes(frame);
  }

  close(): void {
    this.#reconnector.stop();
    this.#connection = null;
    this.#forgetWaiting();
  }

  /** @internal */
  onConnected(connection: Connection): ConnectionHandler {
    this.#connection = connection;
    const arena = connection.output();
    for (const frame of this.#waiting) arena.writeBytes(frame);
    this.#forgetWaiting();
    // The other front says nothing here: it has a link of its own.
    return { onBytes() {}, onEnd: () => connection.close(), onDrain() {}, onDeadline() {}, onClose() {} };
  }

  /** @internal What was under way is lost, as it would be with the front. */
  onLost(): void {
    this.#connection = null;
  }

  /** @internal Never: the number of attempts has no limit. */
  onGaveUp(): void {}

  #forgetWaiting(): void {
    this.#waiting = [];
    this.#waitingBytes = 0;
  }
}
