import { Connection, type ConnectionHandler, type ConnectionOptions, type Transport } from "./connection.ts";
import { socketHandlers } from "./socket-handlers.ts";

export interface DialOptions extends ConnectionOptions {
  /** `fd` is a connected stream socket that another process handed over; it now belongs to the connection. */
  readonly address:
    | { readonly host: string; readonly port: number }
    | { readonly path: string }
    | { readonly fd: number };
  /** Makes what runs on the connection once it stands. */
  readonly open: (connection: Connection) => ConnectionHandler;
}

/**
 * Opens one connection to a peer.
 *
 * @throws the runtime's error (`code: "ECONNREFUSED"`, `"ENOENT"`, …) when the peer cannot be reached.
 */
export async function dial(options: DialOptions): Promise<Connection> {
  const socket = socketHandlers((raw) => {
    const connection = new Connection(raw as Transport, options);
    raw.data = connection;
    connection.handler = options.open(connection);
  });
  const { address } = options;
  const common = { socket, allowHalfOpen: true };
  const raw = await connect();
  return raw.data;

  function connect(): Promise<Bun.Socket<Connection>> {
    if ("path" in address) return Bun.connect<Connection>({ ...common, unix: address.path });
    if ("host" in address) return Bun.connect<Connection>({ ...common, hostname: address.host, port: address.port });
    // `fd` works and is missing from the runtime's types.
    return Bun.connect<Connection>({ ...common, fd: address.fd } as unknown as Bun.UnixSocketOptions<Connection>);
  }
}
