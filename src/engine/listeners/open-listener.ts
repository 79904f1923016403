import { ConfigError } from "../../base/errors.ts";
import type { ServerConfig } from "../../config/server-config.ts";
import type { Origin } from "../../config/origin.ts";
import { listenerFields, listeners } from "../../config/options/listener-options.ts";
import { countOf, fieldOf, itemKey } from "../../config/options/option-list.ts";
import { host, port } from "../../config/options/server-options.ts";
import type { Settings } from "../../config/settings.ts";
import { type BoundSocket, bindSocket } from "../../kernel/bound-socket.ts";
import { ListenError } from "../../kernel/listen-error.ts";
import { leavesIpv4 } from "./shared-port.ts";

/** The configured address cannot be listened on: nothing is spawned. It names the places that set the address, and a way out. */
export class ListenRefusedError extends ConfigError {
  override readonly code = "VILYA_LISTEN_REFUSED";
  readonly origins: readonly Origin[];
  readonly hint: string | null;

  /** @param portFlag how the command line gives another port, up to the number; `null` where it cannot. */
  constructor(cause: ListenError, origins: readonly Origin[], portFlag: string | null) {
    super(cause.message, { cause });
    this.origins = origins.filter(({ kind }) => kind !== "default");
    const { address } = cause;
    const isBusy = cause.code === "VILYA_LISTEN_ADDRESS_IN_USE" && "port" in address && portFlag !== null;
    this.hint = isBusy ? `try: ${portFlag}${address.port + 1}` : null;
  }
}

/**
 * Binds the address of one of the front's listeners, for fronts to inherit: they come and go while clients queue at this one socket.
 *
 * @throws {ListenRefusedError}
 */
export async function openListener(server: ServerConfig, index: number, settings: Settings): Promise<BoundSocket> {
  const { backlog } = server;
  const addresses = server.listeners.map((listener) => listener.address);
  const address = addresses[index]!;
  try {
    return await bindSocket({ ...address, backlog, isIpv6Only: leavesIpv4(address, addresses) });
  } catch (error) {
    if (!(error instanceof ListenError)) throw error;
    const portFlag = settings.value(countOf(listeners)) === 0 ? "--port " : null;
    throw new ListenRefusedError(error, originsOf(index, settings), portFlag);
  }
}

/** The places that name the address: of the item in the list, or of the short form. */
function originsOf(index: number, settings: Settings): readonly Origin[] {
  const item = itemKey(listeners, index);
  const { port: itemPort, host: itemHost, path } = listenerFields;
  const options = [fieldOf(item, itemPort), fieldOf(item, itemHost), fieldOf(item, path), port, host];
  return options.map(({ key }) => settings.origin(key));
}
