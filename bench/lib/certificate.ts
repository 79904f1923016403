import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { testAuthority } from "../../test/support/certificates.ts";

/** Writes a certificate (ECDSA, P-256) and its key into `directory`, and returns where. */
export function writeCertificate(directory: string): { readonly certificate: string; readonly key: string } {
  const { certificatePem, keyPem } = testAuthority().issue({ names: ["localhost", "127.0.0.1"] });
  const files = { certificate: join(directory, "tls.crt"), key: join(directory, "tls.key") };
  writeFileSync(files.certificate, certificatePem);
  writeFileSync(files.key, keyPem, { mode: 0o600 });
  return files;
}
