import { Connection, type ConnectionHandler, type ConnectionOptions, type Transport } from "./connection.ts";
import { socketHandlers } from "./socket-handlers.ts";

export interface DialOptions extends ConnectionOptions {
  readonly address: { readonly host: string; readonly port: number } | { readonly path: string };
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
  const raw = await ("path" in address
    ? Bun.connect<Connection>({ ...common, unix: address.path })
    : Bun.connect<Connection>({ ...common, hostname: address.host, port: address.port }));
  return raw.data;
}
