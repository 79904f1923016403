import type { Connection } from "../../kernel/connection.ts";
import type { ConnectionHandler } from "../../kernel/connection-handler.ts";
import { dial } from "../../kernel/dial.ts";
import type { SocketAddress } from "../../kernel/socket-address.ts";
import type { TimerWheel } from "../../kernel/timer-wheel.ts";

/** Connections to one upstream that are kept without a request; one more is closed. */
export const IDLE_COUNT_MAX = 64;

export interface UpstreamConnectionsOptions {
  readonly address: SocketAddress;
  readonly connectTimeoutMs: number;
  /** How long the upstream may leave what was written unread. */
  readonly stallMs: number;
  /** How long a connection is kept without a request; 0 keeps none. */
  readonly idleMs: number;
  readonly wheel: TimerWheel;
}

/**
 * The connections to one upstream: new ones, and those that wait for their next request.
 *
 * Invariant: a connection that waits has nothing under way, and is closed as soon as the upstream says anything on it.
 */
export class UpstreamConnections {
  readonly #options: UpstreamConnectionsOptions;
  /** In the order in which they were kept. */
  readonly #idle: IdleConnection[] = [];

  constructor(options: UpstreamConnectionsOptions) {
    this.#options = options;
  }

  get idleCount(): number {
    return this.#idle.length;
  }

  /** The connection that was used last, which is the least likely to have been closed meanwhile; `null` where none waits. Its handler is to be set. */
  take(): Connection | null {
    for (let idle = this.#idle.pop(); idle !== undefined; idle = this.#idle.pop()) {
      if (idle.connection.isClosing) continue;
      idle.connection.clearDeadline();
      return idle.connection;
    }
    return null;
  }

  /** Keeps a connection whose response is complete. @param idleMs what the upstream says that it keeps it for; `Infinity` where it does not say. */
  keep(connection: Connection, idleMs: number): void {
    const keptMs = Math.min(this.#options.idleMs, idleMs);
    if (keptMs <= 0 || this.#idle.length >= IDLE_COUNT_MAX || connection.isClosing) {
      connection.close();
      return;
    }
    const idle = new IdleConnection(connection, () => {
      const index = this.#idle.indexOf(idle);
      if (index !== -1) this.#idle.splice(index, 1);
    });
    connection.handler = idle;
    connection.resume();
    connection.setDeadline(keptMs);
    this.#idle.push(idle);
  }

  /**
   * Opens another one.
   *
   * @throws {DialTimeoutError} and the runtime's errors, as `dial` does.
   */
  open(handle: (connection: Connection) => ConnectionHandler): Promise<Connection> {
    const { address, connectTimeoutMs, stallMs, wheel } = this.#options;
    return dial({ address, connectTimeoutMs, stallMs, wheel, monitor: () => {}, open: handle });
  }
}

/** What nobody has asked for ends a connection: an upstream that gives it up says so by its end, or by a 408 before it. */
class IdleConnection implements ConnectionHandler {
  readonly connection: Connection;
  readonly #onGone: () => void;

  constructor(connection: Connection, onGone: () => void) {
    this.connection = connection;
    this.#onGone = onGone;
  }

  onBytes(): void {
    this.connection.close();
  }

  onEnd(): void {
    this.connection.close();
  }

  onDrain(): void {}

  onDeadline(): void {
    this.connection.close();
  }

  onClose(): void {
    this.#onGone();
  }
}
