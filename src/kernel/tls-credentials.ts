import { createHash, createPrivateKey, X509Certificate } from "node:crypto";
import { createSecureContext, type SecureContextOptions } from "node:tls";

import { VilyaError } from "../base/errors.ts";
import { ServerNames } from "./server-names.ts";
import type { NativeTlsContext } from "./tls-socket.ts";

/** For TLS 1.2: forward secrecy and authenticated encryption. HTTP/2 forbids all other suites of that version (RFC 9113 §9.2.2). */
const DEFAULT_CIPHERS = [
  "ECDHE-ECDSA-AES128-GCM-SHA256",
  "ECDHE-RSA-AES128-GCM-SHA256",
  "ECDHE-ECDSA-AES256-GCM-SHA384",
  "ECDHE-RSA-AES256-GCM-SHA384",
  "ECDHE-ECDSA-CHACHA20-POLY1305",
  "ECDHE-RSA-CHACHA20-POLY1305",
].join(":");

/** A certificate chain and its private key, both as PEM text. The server's own certificate comes first in the chain. */
export interface TlsCertificate {
  readonly certificatePem: string;
  readonly keyPem: string;
  /** The names it is shown for; empty takes those the certificate itself carries. */
  readonly serverNames: readonly string[];
}

/** Everything a TLS listener shows and asks for. All of it can be replaced while it listens. */
export interface TlsCredentialsOptions {
  /** At least one. The first is shown to clients that name no server, or one that none is for. */
  readonly certificates: readonly TlsCertificate[];
  readonly versionMin: "TLSv1.2" | "TLSv1.3";
  /** OpenSSL's cipher list for TLS 1.2; null takes those with forward secrecy and authenticated encryption. TLS 1.3 has no weak ones and ignores it. */
  readonly ciphers: string | null;
  /** Authorities that clients' certificates are verified against, PEM; null when none are asked for. */
  readonly clientAuthoritiesPem: string | null;
}

/** A certificate, key, cipher list or authority that TLS cannot be spoken with. */
export class TlsCredentialsError extends VilyaError {
  readonly code = "VILYA_TLS_CREDENTIALS";
  /** Which of the certificates; null when it is about what they share. */
  readonly certificateIndex: number | null;

  constructor(message: string, certificateIndex: number | null, options?: ErrorOptions) {
    super(message, options);
    this.certificateIndex = certificateIndex;
  }
}

/**
 * The certificates of a listener, made ready to be shown. Immutable: a reload builds new ones and swaps them, so one that does not load
 * changes nothing, and connections that stand keep what they have.
 *
 * Session tickets are encrypted with a key of the context that the handshake began with, `defaultContext`, and are good for the certificate
 * that they were given under; the runtime neither shows nor takes keys. A reload therefore keeps the contexts of everything that has not
 * changed, and with them the tickets, unless it is the first that changes: then everybody makes one full handshake.
 */
export class TlsCredentials {
  /** For a client that names no server. */
  readonly defaultContext: NativeTlsContext;
  readonly #contexts = new ServerNames<NativeTlsContext>();
  /** By a digest of all that they were made of. */
  readonly #contextsByDigest = new Map<string, NativeTlsContext>();

  /** @throws {TlsCredentialsError} for the first that cannot be used. */
  constructor(options: TlsCredentialsOptions, previous: TlsCredentials | null = null) {
    assertCiphers(options);
    const contexts = options.certificates.map((certificate, index) => {
      const digest = digestOf(options, certificate);
      const known = previous === null ? undefined : previous.#contextsByDigest.get(digest);
      const context = known ?? createContext(options, certificate, index);
      this.#contextsByDigest.set(digest, context);
      for (const name of namesShown(certificate)) this.#contexts.add(name, context);
      return context;
    });
    const [first] = contexts;
    if (first === undefined) throw new TlsCredentialsError("Cannot speak TLS: there is no certificate", null);
    this.defaultContext = first;
  }

  contextFor(serverName: string): NativeTlsContext {
    return this.#contexts.find(serverName) ?? this.defaultContext;
  }
}

function digestOf(options: TlsCredentialsOptions, { certificatePem, keyPem }: TlsCertificate): string {
  const { versionMin, ciphers, clientAuthoritiesPem } = options;
  const parts = JSON.stringify([certificatePem, keyPem, versionMin, ciphers, clientAuthoritiesPem]);
  return createHash("sha256").update(parts).digest("base64");
}

/** The names a certificate is shown for: those it was given, or those it carries. */
export function namesShown({ serverNames, certificatePem }: TlsCertificate): readonly string[] {
  return serverNames.length > 0 ? serverNames : readCertificateNames(new X509Certificate(certificatePem));
}

/** The DNS names a certificate is for: its subject alternative names, which alone count (RFC 9525 §2). */
export function readCertificateNames({ subjectAltName = "" }: X509Certificate): readonly string[] {
  const names = subjectAltName.split(", ").filter((name) => name.startsWith("DNS:"));
  return names.map((name) => name.slice(4)).filter((name) => ServerNames.isName(name));
}

function createContext(options: TlsCredentialsOptions, certificate: TlsCertificate, index: number): NativeTlsContext {
  const { versionMin, ciphers, clientAuthoritiesPem } = options;
  assertPair(certificate, index);
  const contextOptions: SecureContextOptions = {
    cert: certificate.certificatePem,
    key: certificate.keyPem,
    minVersion: versionMin,
    ciphers: ciphers ?? DEFAULT_CIPHERS,
    ...(clientAuthoritiesPem !== null && { ca: clientAuthoritiesPem }),
  };
  try {
    return (createSecureContext(contextOptions) as unknown as { readonly context: NativeTlsContext }).context;
  } catch (error) {
    const state = `the TLS library refuses it (${reasonOf(error)})`;
    const message = `Cannot use a certificate: ${state}, a chain in PEM is allowed`;
    throw new TlsCredentialsError(message, index, { cause: error });
  }
}

/** A list may name suites that are unknown, as long as it names one that is known. */
function assertCiphers({ ciphers }: TlsCredentialsOptions): void {
  if (ciphers === null) return;
  try {
    createSecureContext({ ciphers });
  } catch (error) {
    const message = `Cannot use the ciphers ${ciphers}: TLS knows none of them, a list in OpenSSL's form is allowed`;
    throw new TlsCredentialsError(message, null, { cause: error });
  }
}

function assertPair({ certificatePem, keyPem }: TlsCertificate, index: number): void {
  const refuse = (what: string, state: string, allowed: string, cause?: unknown) =>
    new TlsCredentialsError(`Cannot use a ${what}: ${state}, ${allowed} is allowed`, index, { cause });
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(certificatePem);
  } catch (error) {
    throw refuse("certificate", "it cannot be read", "a certificate chain in PEM", error);
  }
  let isPair: boolean;
  try {
    isPair = certificate.checkPrivateKey(createPrivateKey(keyPem));
  } catch (error) {
    throw refuse("private key", "it cannot be read", "a key in PEM without a passphrase", error);
  }
  if (!isPair) throw refuse("private key", "it belongs to another certificate", "the certificate's own");
}

function reasonOf(error: unknown): string {
  const { message } = error as Error;
  return message.split(":").at(-1) ?? message;
}
