import { ConfigError } from "../../base/errors.ts";
import type { ListenAddressConfig, ServerConfig } from "../../config/server-config.ts";
import { InheritedSocket } from "../../kernel/inherited-socket.ts";
import { groupSockets, type OpenListeners } from "../listeners/open-listeners.ts";

/** sd_listen_fds(3): STDIN, STDOUT and STDERR come first. */
const FIRST_FD = 3;

/** More sockets than this are no list of listeners any more. */
const SOCKET_COUNT_MAX = 256;

/** The service manager has bound a socket that no listener of the configuration asks for: its clients would wait for nobody. */
export class InheritedListenerError extends ConfigError {
  override readonly code = "VILYA_LISTEN_INHERITED";
}

/**
 * The sockets that a service manager has bound for this process (socket activation, sd_listen_fds(3)), each for the listener that asks for
 * its address: the same path, the same address and port, or, where only one of each has the port, the same port.
 *
 * @param environment takes `LISTEN_PID` and `LISTEN_FDS`.
 * @throws {InheritedListenerError}
 */
export function inheritListeners(
  { listeners }: ServerConfig,
  environment: Readonly<Record<string, string | undefined>>,
): OpenListeners {
  const sockets = inheritedSockets(environment);
  const wanted = listeners.map(({ address }) => address);
  return groupSockets(
    sockets.map((socket) => {
      const address = chooseAddress(socket, sockets, wanted);
      return { address, socket: socket.toBoundSocket("host" in address ? address.host : "") };
    }),
  );
}

function inheritedSockets(environment: Readonly<Record<string, string | undefined>>): readonly InheritedSocket[] {
  const { LISTEN_PID: pid, LISTEN_FDS: fds } = environment;
  const count = Number(fds ?? 0);
  // Of another process: who started us was activated, and has not tidied up.
  if (pid !== String(process.pid) || !Number.isInteger(count) || count < 1 || count > SOCKET_COUNT_MAX) return [];
  return Array.from({ length: count }, (_, index) => new InheritedSocket(FIRST_FD + index));
}

function chooseAddress(
  socket: InheritedSocket,
  sockets: readonly InheritedSocket[],
  wanted: readonly ListenAddressConfig[],
): ListenAddressConfig {
  const exact = wanted.find((address) => socket.isAt(address));
  if (exact !== undefined) return exact;
  const samePort = wanted.filter((address) => "port" in address && address.port === socket.port);
  const [only] = samePort;
  const isUnambiguous = samePort.length === 1 && sockets.filter(({ port }) => port === socket.port).length === 1;
  if (only !== undefined && isUnambiguous) return only;
  const name = socket.path ?? `port ${socket.port}`;
  throw new InheritedListenerError(
    `Cannot use the socket of the service manager at ${name}: no listener has this address, one of server.listeners or server.host and server.port has to`,
  );
}
