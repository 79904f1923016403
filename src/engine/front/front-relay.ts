import { join } from "node:path";
import type { RelayCounts } from "../../admin/front-report.ts";
import type { Connection } from "../../kernel/connection.ts";
import type { ConnectionHandler } from "../../kernel/connection-handler.ts";
import { Listener } from "../../kernel/listener.ts";
import { unobserved } from "../../kernel/monitor.ts";
import { Segments } from "../../kernel/segments.ts";
import type { TimerWheel } from "../../kernel/timer-wheel.ts";
import { ActionRelayDecoder, encodeRelayedAction, type RelaySink } from "../../protocols/worker/action-relay.ts";
import type { SocketAction } from "../../protocols/worker/socket-action.ts";
import type { Logger } from "../../telemetry/logger.ts";
import type { ActionRelay } from "../sockets/app-sockets.ts";
import { RelayLink } from "./relay-link.ts";

/** The socket in a front's directory that other fronts connect to. */
const SOCKET_NAME = "relay.sock";

/** Fronts that may connect: as many as there may be, and as many that finish what they have. */
const PEER_COUNT_MAX = 128;

/** Where a front takes what others relay, and which sockets are its. */
export interface RelayAddress {
  readonly directory: string;
  /** What the names of its sockets begin with. */
  readonly socketPrefix: string;
}

export interface FrontRelayOptions {
  /** This front's own directory. */
  readonly directory: string;
  /** The largest frame that a worker may send. */
  readonly frameBytesMax: number;
  readonly sink: RelaySink;
  readonly wheel: TimerWheel;
  readonly log: Logger;
}

/**
 * Carries what workers do with sockets and topics to the other fronts, by a Unix socket from each to each: what is published to all of them,
 * what is for one socket to the front that has it.
 *
 * Invariant: from one front to another messages arrive in the order in which they were relayed, each at most once. A front that takes
 * nothing costs the others a bounded amount of memory, then its messages.
 */
export class FrontRelay implements ActionRelay {
  readonly #options: FrontRelayOptions;
  readonly #listener: Listener;
  readonly #links = new Map<string, RelayLink>();
  /** Of links that are gone. */
  #past: RelayCounts = { relayedCount: 0, droppedCount: 0 };

  /** @throws {ListenError} */
  constructor(options: FrontRelayOptions) {
    this.#options = options;
    this.#listener = new Listener({
      address: { path: join(options.directory, SOCKET_NAME) },
      wheel: options.wheel,
      monitor: unobserved,
      stallMs: 0,
      connectionCountMax: PEER_COUNT_MAX,
      accept: (connection) => new RelayIntake(connection, options),
    });
  }

  get counts(): RelayCounts {
    let { relayedCount, droppedCount } = this.#past;
    for (const { counts } of this.#links.values()) {
      relayedCount += counts.relayedCount;
      droppedCount += counts.droppedCount;
    }
    return { relayedCount, droppedCount };
  }

  /** Relays to these fronts from now on, and to no others. */
  setPeers(peers: readonly RelayAddress[]): void {
    const { wheel, log } = this.#options;
    const prefixes = new Set(peers.map(({ socketPrefix }) => socketPrefix));
    for (const [prefix, link] of this.#links) {
      if (!prefixes.has(prefix)) this.#close(prefix, link);
    }
    for (const { directory, socketPrefix } of peers) {
      if (this.#links.has(socketPrefix)) continue;
      this.#links.set(socketPrefix, new RelayLink({ path: join(directory, SOCKET_NAME), wheel, log }));
    }
  }

  relay(app: string, action: SocketAction): void {
    if (this.#links.size === 0) return;
    if (action.kind === "publish") {
      const frame = encodeRelayedAction(app, action);
      for (const link of this.#links.values()) link.send(frame);
      return;
    }
    for (const [prefix, link] of this.#links) {
      if (action.socket?.startsWith(prefix) === true) link.send(encodeRelayedAction(app, action));
    }
  }

  /** Takes and sends nothing more. */
  close(): void {
    this.#listener.stop();
    for (const connection of this.#listener.connections) connection.close();
    for (const [prefix, link] of this.#links) this.#close(prefix, link);
  }

  #close(prefix: string, link: RelayLink): void {
    const { relayedCount, droppedCount } = this.#past;
    const { counts } = link;
    this.#past = {
      relayedCount: relayedCount + counts.relayedCount,
      droppedCount: droppedCount + counts.droppedCount,
    };
    link.close();
    this.#links.delete(prefix);
  }
}

/** What one other front sends. */
class RelayIntake implements ConnectionHandler {
  readonly #connection: Connection;
  readonly #sink: RelaySink;
  readonly #segments = new Segments();
  readonly #decoder: ActionRelayDecoder;

  constructor(connection: Connection, { sink, frameBytesMax }: FrontRelayOptions) {
    this.#connection = connection;
    this.#sink = sink;
    this.#decoder = new ActionRelayDecoder({ frameBytesMax });
  }

  /** What it throws ends this connection; the other front makes another. */
  onBytes(chunk: Buffer): void {
    this.#segments.append(chunk);
    this.#decoder.decode(this.#segments, this.#sink);
  }

  onEnd(): void {
    this.#connection.close();
  }

  onDrain(): void {}

  onDeadline(): void {}

  onClose(): void {
    this.#segments.clear();
  }
}
