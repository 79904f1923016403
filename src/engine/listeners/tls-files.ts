import { readFileSync } from "node:fs";

import { ConfigError } from "../../base/errors.ts";
import type { ListenerConfig, TlsConfig } from "../../config/server-config.ts";
import { TlsCredentials, TlsCredentialsError, type TlsCredentialsOptions } from "../../kernel/tls-credentials.ts";

/** The contents of the files that a listener's `tls` names; null for a listener in the clear. It holds private keys: it is never logged. */
export type ListenerCredentials = TlsCredentialsOptions | null;

/** A certificate, key or authority cannot be loaded: the start or the reload is refused. */
export class TlsFilesError extends ConfigError {
  override readonly code = "VILYA_TLS_FILES";
}

/**
 * Reads the certificates and keys of all listeners, and proves that TLS can be spoken with them. The master does it, at the start and for a
 * reload, and hands them to the fronts over their private channel: a front opens no key file, and one that is replaced needs none to be there.
 *
 * @throws {TlsFilesError} for the first file that cannot be read or used.
 */
export function readListenerCredentials(listeners: readonly ListenerConfig[]): readonly ListenerCredentials[] {
  return listeners.map(({ tls }) => (tls === null ? null : readCredentials(tls)));
}

function readCredentials(tls: TlsConfig): TlsCredentialsOptions {
  const credentials: TlsCredentialsOptions = {
    certificates: tls.certificates.map(({ certificateFile, keyFile, hosts }) => ({
      certificatePem: readPem(certificateFile),
      keyPem: readPem(keyFile),
      serverNames: hosts,
    })),
    versionMin: tls.versionMin,
    ciphers: tls.ciphers,
    clientAuthoritiesPem: tls.clientAuthorityFile === null ? null : readPem(tls.clientAuthorityFile),
  };
  try {
    void new TlsCredentials(credentials);
  } catch (error) {
    if (!(error instanceof TlsCredentialsError)) throw error;
    const { certificateIndex, message } = error;
    const files = certificateIndex === null ? undefined : tls.certificates[certificateIndex];
    const where = files === undefined ? "" : ` (${files.certificateFile} with ${files.keyFile})`;
    throw new TlsFilesError(message + where, { cause: error });
  }
  return credentials;
}

function readPem(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? "EIO";
    throw new TlsFilesError(`Cannot read ${path}: ${reason}, a readable PEM file is allowed`, { cause: error });
  }
}
