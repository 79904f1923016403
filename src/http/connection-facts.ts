import type { Connection } from "../kernel/connection.ts";
import type { TlsFacts } from "../kernel/tls-facts.ts";

/** What an exchange is told of the connection that its request came by. */
export interface ConnectionFacts {
  /** What TLS has established; null in the clear. */
  readonly tls: TlsFacts | null;
  /** Where the client has reached us: `address:port` in ASCII, or the path of a Unix socket. */
  readonly serverAddress: Buffer;
}

/** The facts of a connection of the kernel's, each looked up when it is asked for first. */
export class LiveConnectionFacts implements ConnectionFacts {
  readonly #connection: Pick<Connection, "tls" | "localAddress">;
  readonly #socketPath: string | null;
  #serverAddress: Buffer | null = null;

  /** @param socketPath the Unix socket that is listened on; null for a port. */
  constructor(connection: Pick<Connection, "tls" | "localAddress">, socketPath: string | null) {
    this.#connection = connection;
    this.#socketPath = socketPath;
  }

  get tls(): TlsFacts | null {
    return this.#connection.tls;
  }

  get serverAddress(): Buffer {
    return (this.#serverAddress ??= Buffer.from(this.#socketPath ?? this.#connection.localAddress));
  }
}
