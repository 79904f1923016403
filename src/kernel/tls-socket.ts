import type { SocketHandler } from "bun";

/** The native half of what `tls.createSecureContext` makes. Opaque. */
export type NativeTlsContext = object;

/** The callbacks of a server's TLS socket: those of any socket and what only the server's side of a handshake has. */
export interface TlsSocketHandler<Owner> extends Omit<SocketHandler<Owner, "buffer">, "handshake" | "open"> {
  /** Nothing is known yet. */
  open(socket: Bun.Socket<Owner>): void;
  /** Chooses the certificate for a name; not called for a client that gives none. `undefined` keeps the context of the upgrade. */
  serverName(owner: Owner, name: string): NativeTlsContext | undefined;
  /** Once, before any `data`. `error` is also there when a client's certificate did not verify and the handshake succeeded all the same. */
  handshake(socket: Bun.Socket<Owner>, isComplete: boolean, error: Error | null): void;
}

/** What a clear socket is turned into. */
export interface TlsUpgrade<Owner> {
  readonly owner: Owner;
  readonly context: NativeTlsContext;
  /** In the server's order of preference; see {@link encodeAlpn}. */
  readonly alpn: Buffer;
  readonly clientCertificates: "off" | "optional" | "required";
  readonly handlers: TlsSocketHandler<Owner>;
  /** What has been received in the clear already and belongs to TLS. */
  readonly received: Buffer | null;
}

/**
 * Starts the server's side of TLS on an accepted socket: the call that the runtime's own `node:tls` makes, undocumented as far as the server's
 * side goes, and without that module's streams, which cost a sixth more CPU time a request. `arrival.test.ts` holds the runtime to it.
 *
 * The clear socket must not be written to any more; its `data` callback, if its
 * listener has one, goes on being called with what is encrypted, which costs a copy: a listener of TLS alone has none.
 */
export function upgradeToTls<Owner>(raw: Bun.Socket<unknown>, upgrade: TlsUpgrade<Owner>): Bun.Socket<Owner> {
  const { owner, context, alpn, clientCertificates, handlers, received } = upgrade;
  const options = {
    isServer: true,
    data: owner,
    tls: {
      secureContext: context,
      ALPNProtocols: alpn,
      requestCert: clientCertificates !== "off",
      rejectUnauthorized: clientCertificates === "required",
    },
    socket: handlers,
    initialData: received ?? undefined,
  };
  const [, socket] = raw.upgradeTLS(options);
  return socket;
}

/** ALPN protocol names on the wire: one length octet and the name, each. RFC 7301 §3.1. */
export function encodeAlpn(protocols: readonly string[]): Buffer {
  return Buffer.concat(protocols.map((name) => Buffer.from(`${String.fromCharCode(name.length)}${name}`, "latin1")));
}
