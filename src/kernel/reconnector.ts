import { VilyaError } from "../base/errors.ts";
import { Backoff, type BackoffOptions } from "./backoff.ts";
import type { Connection } from "./connection.ts";
import type { ConnectionHandler } from "./connection-handler.ts";
import type { ConnectionOwner } from "./connection-options.ts";
import { dial, type DialOptions } from "./dial.ts";
import { EarlyHandler } from "./early-handler.ts";
import type { CloseCause } from "./monitor.ts";
import { formatSocketAddress, type SocketAddress } from "./socket-address.ts";
import { Deadline, type DeadlineOwner } from "./timer-wheel.ts";

/** A connection that stood this long was sound: losing it is the first failure again. */
const HEALTHY_AFTER_MS = 10_000;

/** How long one attempt may take when nobody says. */
const CONNECT_TIMEOUT_MS = 10_000;

/** Whom to stay connected to, and how. */
export interface ReconnectorOptions extends Omit<DialOptions, "open" | "address"> {
  readonly address: SocketAddress;
  readonly owner: ReconnectorOwner;
  /** The waits between attempts; `healthyAfterMs` is 10 s by default. */
  readonly backoff: BackoffOptions;
  /** Attempts in a row that may fail, the loss of a connection that was not healthy yet included. Default: no limit. */
  readonly attemptCountMax?: number;
}

/** Whose calls go over the connection. */
export interface ReconnectorOwner {
  /** A connection stands; calls that were not written may be sent on it. What this throws closes it. */
  onConnected(connection: Connection, epoch: number): ConnectionHandler;
  /** It is gone, and another one is being made. Called before the handler's `onClose`. */
  onLost(loss: ConnectionLoss): void;
  /** No further attempt is made. The last call of all, unless `stop` was called. */
  onGaveUp(error: ReconnectGaveUpError): void;
}

/** What is known of a connection that is gone: enough to decide for each call whether it may be sent again. */
export class ConnectionLoss {
  /** Which connection it was; later ones have higher numbers. A callback that carries another number is about another connection. */
  readonly epoch: number;
  readonly cause: CloseCause;
  /** Why it was poisoned; `null` when it was not. */
  readonly error: Error | null;
  readonly #sentBytes: number;

  constructor(epoch: number, cause: CloseCause, connection: Connection) {
    this.epoch = epoch;
    this.cause = cause;
    this.error = connection.poisonedBy;
    this.#sentBytes = connection.sentBytes;
  }

  /**
   * Whether a call was handed to the kernel as a whole, so that the peer may have run it. If it was not, the peer cannot have, and sending
   * it again is safe.
   *
   * @param mark the connection's `queuedBytes` right after the call was encoded.
   */
  wasWritten(mark: number): boolean {
    return mark <= this.#sentBytes;
  }
}

/** A peer could not be reached as often as was to be tried. `cause` is why the last attempt failed, if it was one to connect. */
export class ReconnectGaveUpError extends VilyaError {
  readonly code = "VILYA_RECONNECT_GAVE_UP";

  constructor(address: SocketAddress, attemptCount: number, cause: Error | null) {
    super(
      `Cannot stay connected to ${formatSocketAddress(address)}: ${attemptCount} attempts in a row failed, it has to be reachable`,
      cause === null ? {} : { cause },
    );
  }
}

/**
 * Keeps one connection to one peer: when it is lost, another is made, after a wait that grows from failure to failure.
 *
 * Invariants: there is at most one connection or attempt at a time; each connection has an epoch, one higher than that of the one before;
 * after `stop` the owner is not called any more.
 */
export class Reconnector implements ConnectionOwner, DeadlineOwner {
  readonly #options: ReconnectorOptions;
  readonly #backoff: Backoff;
  readonly #retry: Deadline = new Deadline(this);
  #connection: Connection | null = null;
  #connectedAtMs = 0;
  #epoch = 0;
  #state: "new" | "running" | "stopped" = "new";

  constructor(options: ReconnectorOptions) {
    this.#options = options;
    this.#backoff = new Backoff({ healthyAfterMs: HEALTHY_AFTER_MS, ...options.backoff });
  }

  /** The connection that stands, or `null` while there is none. */
  get connection(): Connection | null {
    return this.#connection;
  }

  /** The number of the last connection that stood; 0 before the first. */
  get epoch(): number {
    return this.#epoch;
  }

  /** Makes the first attempt, at once. */
  start(): void {
    if (this.#state !== "new") return;
    this.#state = "running";
    void this.#connect();
  }

  /** Ends it: what waits on the connection is sent, then it closes; its handler hears of that, the owner does not. */
  stop(): void {
    this.#state = "stopped";
    this.#options.wheel.remove(this.#retry);
    this.#connection?.closeAfterFlush();
  }

  /** @internal */
  onDeadline(): void {
    void this.#connect();
  }

  /** @internal */
  onConnectionClosed(connection: Connection, cause: CloseCause): void {
    this.#connection = null;
    if (this.#state === "stopped") return;
    const { wheel, owner } = this.#options;
    const loss = new ConnectionLoss(this.#epoch, cause, connection);
    try {
      owner.onLost(loss);
    } catch (error) {
      reportError(error); // A bug in failing the calls of one connection must not cost the next one.
    }
    this.#retryLater(loss.error, wheel.nowMs() - this.#connectedAtMs);
  }

  async #connect(): Promise<void> {
    const { connectTimeoutMs = CONNECT_TIMEOUT_MS } = this.#options;
    try {
      await dial({ ...this.#options, connectTimeoutMs, open: (connection) => this.#connected(connection) });
    } catch (error) {
      this.#retryLater(error as Error, 0);
    }
  }

  #connected(connection: Connection): ConnectionHandler {
    if (this.#state === "stopped") {
      connection.close();
      return new EarlyHandler();
    }
    const { wheel, monitor, owner } = this.#options;
    const epoch = ++this.#epoch;
    this.#connection = connection;
    this.#connectedAtMs = wheel.nowMs();
    connection.owner = this;
    monitor({ kind: "connected", epoch });
    return owner.onConnected(connection, epoch);
  }

  #retryLater(error: Error | null, livedMs: number): void {
    if (this.#state === "stopped") return; // Perhaps by the owner, who has just been told.
    const { wheel, monitor, owner, address, attemptCountMax = Infinity } = this.#options;
    const delayMs = this.#backoff.next(livedMs);
    const attempt = this.#backoff.attemptCount;
    if (attempt >= attemptCountMax) {
      this.#state = "stopped";
      owner.onGaveUp(new ReconnectGaveUpError(address, attempt, error));
      return;
    }
    monitor({ kind: "reconnecting", attempt, delayMs });
    wheel.set(this.#retry, delayMs);
  }
}
