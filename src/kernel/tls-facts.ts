import { X509Certificate } from "node:crypto";
import type { PeerCertificate } from "node:tls";

/** What is known of a TLS connection once its handshake is complete. It does not change afterwards. */
export interface TlsFacts {
  /** `TLSv1.2` or `TLSv1.3`. */
  readonly version: string;
  /** The cipher suite by its IANA name: `TLS_AES_128_GCM_SHA256`. */
  readonly cipher: string;
  /** What ALPN chose (RFC 7301), `h2` for instance; null when the client offered nothing. */
  readonly protocol: string | null;
  /** The name the client asked for (SNI, RFC 6066 §3) in lower case; null when it named none. */
  readonly serverName: string | null;
  /** The certificate the client proved to own, verified against the configured authorities; null when it gave none. */
  readonly clientCertificate: ClientCertificate | null;
}

/** Who a client is, by a certificate that was verified. */
export interface ClientCertificate {
  /** The distinguished name, least specific part first, commas inside a part escaped: `O=Acme\, Inc,CN=device 7`. */
  readonly subject: string;
  /** SHA-256 of the certificate, 64 lower-case hexadecimal digits. */
  readonly fingerprintSha256: string;
}

/** Reads the facts of a socket whose handshake has just completed. */
export function readTlsFacts(socket: Bun.Socket<unknown>): TlsFacts {
  const { version, standardName } = socket.getCipher();
  const name = socket.getServername() as string | undefined;
  return {
    version,
    cipher: standardName,
    protocol: socket.alpnProtocol || null,
    serverName: name ? name.toLowerCase() : null,
    clientCertificate: readClientCertificate(socket),
  };
}

function readClientCertificate(socket: Bun.Socket<unknown>): ClientCertificate | null {
  const certificate = socket.getPeerCertificate() as PeerCertificate | undefined;
  if (certificate === undefined) return null;
  const { subject, fingerprint256 } = new X509Certificate(certificate.raw);
  return {
    subject: subject.replaceAll("\n", ","),
    fingerprintSha256: fingerprint256.replaceAll(":", "").toLowerCase(),
  };
}
