import { VilyaError } from "../base/errors.ts";
import { Connection } from "./connection.ts";
import type { ConnectionHandler } from "./connection-handler.ts";
import type { ConnectionOptions } from "./connection-options.ts";
import { formatSocketAddress, type SocketAddress } from "./socket-address.ts";
import { socketHandlers } from "./socket-handlers.ts";
import { Deadline } from "./timer-wheel.ts";

/** Whom to connect to, and what the connection gets. */
export interface DialOptions extends ConnectionOptions {
  /** `fd` is a connected stream socket that another process handed over; it now belongs to the connection. */
  readonly address: SocketAddress | { readonly fd: number };
  /** How long connecting may take, looking up the host's name included. Default: as long as the kernel tries, some two minutes. */
  readonly connectTimeoutMs?: number;
  /** Makes what runs on the connection once it stands. What it throws closes the connection. */
  readonly open: (connection: Connection) => ConnectionHandler;
}

/** A peer did not answer the attempt to connect in time. */
export class DialTimeoutError extends VilyaError {
  readonly code = "VILYA_DIAL_TIMEOUT";

  constructor(address: SocketAddress, timeoutMs: number) {
    super(
      `Cannot connect to ${formatSocketAddress(address)}: it did not answer within ${timeoutMs} ms, it has to be reachable`,
    );
  }
}

/**
 * Opens one connection to a peer. A connection that stands only after the timeout is closed again.
 *
 * @throws the runtime's error (`code: "ECONNREFUSED"`, `"ENOENT"`, …) when the peer cannot be reached.
 * @throws {DialTimeoutError}
 */
export async function dial(options: DialOptions): Promise<Connection> {
  const { address, connectTimeoutMs, wheel } = options;
  let isLate = false;
  const socket = socketHandlers<Connection>((raw) => {
    if (isLate) {
      raw.terminate();
      return;
    }
    const connection = new Connection(raw, options);
    raw.data = connection;
    connection.start(options.open);
  });
  const connecting = connect(address, { socket, allowHalfOpen: true });
  if (connectTimeoutMs === undefined || "fd" in address) return (await connecting).data;

  const { promise: timeout, reject } = Promise.withResolvers<never>();
  const deadline = new Deadline({
    onDeadline() {
      isLate = true;
      reject(new DialTimeoutError(address, connectTimeoutMs));
    },
  });
  wheel.set(deadline, connectTimeoutMs);
  try {
    return (await Promise.race([connecting, timeout])).data;
  } finally {
    wheel.remove(deadline);
  }
}

function connect(
  address: DialOptions["address"],
  options: Pick<Bun.TCPSocketConnectOptions<Connection>, "socket" | "allowHalfOpen">,
): Promise<Bun.Socket<Connection>> {
  if ("path" in address) return Bun.connect<Connection>({ ...options, unix: address.path });
  if ("host" in address) return Bun.connect<Connection>({ ...options, hostname: address.host, port: address.port });
  // `fd` works and is missing from the runtime's types.
  return Bun.connect<Connection>({ ...options, fd: address.fd } as unknown as Bun.UnixSocketOptions<Connection>);
}
