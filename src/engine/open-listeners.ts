import type { ServerConfig } from "../config/config.ts";
import type { Settings } from "../config/settings.ts";
import type { BoundSocket } from "../kernel/bound-socket.ts";
import { openListener } from "./open-listener.ts";

/** The listening sockets of an instance, in the order of its configuration. */
export class OpenListeners implements Disposable {
  readonly sockets: readonly BoundSocket[];

  constructor(sockets: readonly BoundSocket[]) {
    this.sockets = sockets;
  }

  get fds(): readonly number[] {
    return this.sockets.map(({ fd }) => fd);
  }

  [Symbol.dispose](): void {
    for (const socket of this.sockets) socket[Symbol.dispose]();
  }
}

/**
 * Binds every listener of the configuration, for fronts to inherit; all of them or none.
 *
 * @throws {ListenRefusedError} for the first that cannot be bound.
 */
export async function openListeners(server: ServerConfig, settings: Settings): Promise<OpenListeners> {
  const sockets: BoundSocket[] = [];
  try {
    for (const index of server.listeners.keys()) sockets.push(await openListener(server, index, settings));
  } catch (error) {
    new OpenListeners(sockets)[Symbol.dispose]();
    throw error;
  }
  return new OpenListeners(sockets);
}
