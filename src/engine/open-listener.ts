import { ConfigError } from "../base/errors.ts";
import type { ServerConfig } from "../config/config.ts";
import type { Origin } from "../config/origin.ts";
import { host, port } from "../config/server-options.ts";
import type { Settings } from "../config/settings.ts";
import { type BoundSocket, bindSocket } from "../kernel/bound-socket.ts";
import { ListenError } from "../kernel/listen-error.ts";

/** The configured address cannot be listened on: nothing is spawned. It names the places that set the address, and a way out. */
export class ListenRefusedError extends ConfigError {
  override readonly code = "VILYA_LISTEN_REFUSED";
  readonly origins: readonly Origin[];
  readonly hint: string | null;

  constructor(cause: ListenError, origins: readonly Origin[]) {
    super(cause.message, { cause });
    this.origins = origins;
    const { address } = cause;
    const isBusy = cause.code === "VILYA_LISTEN_ADDRESS_IN_USE" && "port" in address;
    this.hint = isBusy ? `try: --port ${address.port + 1}` : null;
  }
}

/**
 * Binds the address of the HTTP front, for fronts to inherit: they come and go while clients queue at this one socket.
 *
 * @throws {ListenRefusedError}
 */
export async function openListener(server: ServerConfig, settings: Settings): Promise<BoundSocket> {
  try {
    return await bindSocket({ host: server.host, port: server.port, backlog: server.backlog });
  } catch (error) {
    if (!(error instanceof ListenError)) throw error;
    const origins = [settings.origin(port.key), settings.origin(host.key)];
    throw new ListenRefusedError(
      error,
      origins.filter((origin) => origin.kind !== "default"),
    );
  }
}
