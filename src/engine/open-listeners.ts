import type { ListenAddressConfig, ServerConfig } from "../config/server-config.ts";
import type { Settings } from "../config/settings.ts";
import type { BoundSocket } from "../kernel/bound-socket.ts";
import type { OfferedListener } from "./handover-message.ts";
import { openListener } from "./open-listener.ts";

/** A listening socket and the address it was asked for: of a port that the kernel chose, 0. */
interface OpenListener {
  readonly address: ListenAddressConfig;
  readonly socket: BoundSocket;
}

/** The listening sockets of an instance, in the order of its configuration. */
export class OpenListeners implements Disposable {
  #listeners: readonly OpenListener[];

  constructor(listeners: readonly OpenListener[]) {
    this.#listeners = listeners;
  }

  get sockets(): readonly BoundSocket[] {
    return this.#listeners.map(({ socket }) => socket);
  }

  get fds(): readonly number[] {
    return this.#listeners.map(({ socket }) => socket.fd);
  }

  /** What each was asked for, and whether its file is this process's to remove. */
  get offered(): readonly OfferedListener[] {
    return this.#listeners.map(({ address, socket }) => ({ address, isOurs: socket.isOurs }));
  }

  /** The socket that was opened for this address; `null` when there is none. */
  socketFor(address: ListenAddressConfig): BoundSocket | null {
    return this.#listeners.find((listener) => Bun.deepEquals(listener.address, address))?.socket ?? null;
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
    const kept = new Set(other.sockets);
    for (const socket of this.sockets) if (!kept.has(socket)) socket[Symbol.dispose]();
  }

  /** Closes them here, and leaves the files of Unix sockets: somebody else serves on. `kept` are left alone. */
  abandon(kept: OpenListeners = NONE): void {
    const others = new Set(kept.sockets);
    for (const socket of this.sockets) if (!others.has(socket)) socket.abandon();
  }

  [Symbol.dispose](): void {
    for (const socket of this.sockets) socket[Symbol.dispose]();
  }
}

const NONE = new OpenListeners([]);

/**
 * Binds every listener of the configuration, for fronts to inherit; all of them or none. What `open` has already is taken from there: then
 * both have it.
 *
 * @throws {ListenRefusedError} for the first that cannot be bound.
 */
export async function openListeners(
  server: ServerConfig,
  settings: Settings,
  open: OpenListeners = NONE,
): Promise<OpenListeners> {
  const listeners: OpenListener[] = [];
  try {
    for (const [index, { address }] of server.listeners.entries()) {
      const socket = open.socketFor(address) ?? (await openListener(server, index, settings));
      listeners.push({ address, socket });
    }
  } catch (error) {
    new OpenListeners(listeners).closeAllBut(open);
    throw error;
  }
  return new OpenListeners(listeners);
}
