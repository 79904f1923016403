import type { ListenAddressConfig, ServerConfig } from "../../config/server-config.ts";
import type { Settings } from "../../config/settings.ts";
import { bindBeside, type BoundSocket } from "../../kernel/bound-socket.ts";
import { ListenError } from "../../kernel/listen-error.ts";
import type { OfferedListener } from "../handover/handover-message.ts";
import { openListener } from "./open-listener.ts";
import { assertFamiliesStay } from "./shared-port.ts";

/** What listens on one address. */
export interface OpenListener {
  /** What was asked for: of a port that the kernel chose, 0. */
  readonly address: ListenAddressConfig;
  /** The first has queued connections from the moment it was bound; the others get some when a front accepts on them. Never empty. */
  readonly sockets: readonly BoundSocket[];
}

/** The listening sockets of an instance, in the order of its configuration. */
export class OpenListeners implements Disposable {
  #listeners: readonly OpenListener[];

  constructor(listeners: readonly OpenListener[]) {
    this.#listeners = listeners;
  }

  /** What was asked for, listener by listener. */
  get addresses(): readonly ListenAddressConfig[] {
    return this.#listeners.map(({ address }) => address);
  }

  /** Of each listener the first. */
  get sockets(): readonly BoundSocket[] {
    return this.#listeners.map(({ sockets: [first] }) => first!);
  }

  /** Of every socket, listener by listener. */
  get fds(): readonly number[] {
    return this.#all.map(({ fd }) => fd);
  }

  /** The same, each listener's for itself. */
  get fdsByListener(): readonly (readonly number[])[] {
    return this.#listeners.map(({ sockets }) => sockets.map(({ fd }) => fd));
  }

  /** What each socket was asked for, and whether its file is this process's to remove. */
  get offered(): readonly OfferedListener[] {
    return this.#listeners.flatMap(({ address, sockets }) => sockets.map(({ isOurs }) => ({ address, isOurs })));
  }

  /** The sockets that were opened for this address; empty when there are none. */
  socketsFor(address: ListenAddressConfig): readonly BoundSocket[] {
    return this.#listeners.find((listener) => Bun.deepEquals(listener.address, address))?.sockets ?? [];
  }

  /** The same sockets, whatever becomes of this. */
  copy(): OpenListeners {
    return new OpenListeners(this.#listeners);
  }

  /** Has from now on what `other` has; what is not among it is closed. */
  become(other: OpenListeners): void {
    this.closeAllBut(other);
    this.#listeners = other.#listeners;
  }

  /** Closes the sockets that `other` does not have. */
  closeAllBut(other: OpenListeners): void {
    const kept = new Set(other.#all);
    for (const socket of this.#all) if (!kept.has(socket)) socket[Symbol.dispose]();
  }

  /** Closes them here, and leaves the files of Unix sockets: somebody else serves on. `kept` are left alone. */
  abandon(kept: OpenListeners = NONE): void {
    const others = new Set(kept.#all);
    for (const socket of this.#all) if (!others.has(socket)) socket.abandon();
  }

  [Symbol.dispose](): void {
    for (const socket of this.#all) socket[Symbol.dispose]();
  }

  get #all(): readonly BoundSocket[] {
    return this.#listeners.flatMap(({ sockets }) => sockets);
  }
}

const NONE = new OpenListeners([]);

/** Sockets with what each was asked for, as listeners: those of one address belong together. */
export function groupSockets(
  sockets: readonly { readonly address: ListenAddressConfig; readonly socket: BoundSocket }[],
): OpenListeners {
  const listeners: { readonly address: ListenAddressConfig; readonly sockets: BoundSocket[] }[] = [];
  for (const { address, socket } of sockets) {
    const listener = listeners.find((each) => Bun.deepEquals(each.address, address));
    if (listener === undefined) listeners.push({ address, sockets: [socket] });
    else listener.sockets.push(socket);
  }
  return new OpenListeners(listeners);
}

/** What is listened on, and by how many. */
export interface WantedListeners {
  readonly server: ServerConfig;
  readonly frontCount: number;
}

/**
 * Binds every listener of the configuration, for fronts to inherit; all of them or none. What `open` has already is taken from there: then
 * both have it. A port gets a socket for each front, so that the kernel spreads the connections; a Unix socket, and a port whose socket
 * another user has bound, have one that all fronts accept on.
 *
 * @throws {ListenRefusedError} for the first that cannot be bound; {@link SharedPortError} for one that would have to be bound anew.
 */
export async function openListeners(
  { server, frontCount }: WantedListeners,
  settings: Settings,
  open: OpenListeners = NONE,
): Promise<OpenListeners> {
  const listeners: OpenListener[] = [];
  assertFamiliesStay(
    server.listeners.map(({ address }) => address),
    open.addresses,
  );
  try {
    for (const [index, { address }] of server.listeners.entries()) {
      const known = open.socketsFor(address);
      const sockets = known.length > 0 ? [...known] : [await openListener(server, index, settings)];
      listeners.push({ address, sockets });
      if ("port" in address) bindOthers(sockets, frontCount);
    }
  } catch (error) {
    new OpenListeners(listeners).closeAllBut(open);
    throw error;
  }
  return new OpenListeners(listeners);
}

/** Those that there are more than fronts stay: what waits in their queues is somebody's connection. */
function bindOthers(sockets: BoundSocket[], count: number): void {
  try {
    while (sockets.length < count) sockets.push(bindBeside(sockets[0]!));
  } catch (error) {
    if (!(error instanceof ListenError)) throw error;
  }
}
