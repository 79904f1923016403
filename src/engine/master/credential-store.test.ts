import { describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { testAuthority } from "../../../test/support/certificates.ts";
import type { ListenerConfig } from "../../config/server-config.ts";
import { RecordingLog } from "../../../test/support/recording-log.ts";
import { CredentialStore } from "./credential-store.ts";
import { type ListenerCredentials, TlsFilesError } from "../listeners/tls-files.ts";

/** A directory with `a.crt` and `a.key`, and the two listeners that use them and none. */
class Files implements Disposable {
  readonly directory: string = mkdtempSync(join(tmpdir(), "vilya-credentials-"));
  readonly listeners: readonly ListenerConfig[];

  constructor() {
    const [certificateFile, keyFile] = [join(this.directory, "a.crt"), join(this.directory, "a.key")];
    const clear: ListenerConfig = {
      address: { host: "127.0.0.1", port: 0 },
      protocols: ["h1"],
      proxyProtocol: "off",
      redirectHttpsPort: null,
      tls: null,
    };
    const tls = {
      certificates: [{ certificateFile, keyFile, hosts: [] }],
      versionMin: "TLSv1.2",
      ciphers: null,
      clientCertificates: "off",
      clientAuthorityFile: null,
    } as const;
    this.listeners = [clear, { ...clear, tls }];
    this.renew();
  }

  renew(): void {
    const { certificatePem, keyPem } = testAuthority().issue({ names: ["a.test"] });
    this.write("a.crt", certificatePem);
    this.write("a.key", keyPem);
  }

  write(name: string, text: string): void {
    writeFileSync(join(this.directory, name), text);
  }

  remove(name: string): void {
    rmSync(join(this.directory, name));
  }

  [Symbol.dispose](): void {
    rmSync(this.directory, { recursive: true });
  }
}

describe("CredentialStore", () => {
  test("reads what every listener shows, and tells the fronts that run when it has read it again", () => {
    using files = new Files();
    const store = new CredentialStore(files.listeners, new RecordingLog());
    const told: (readonly ListenerCredentials[])[] = [];
    store.serves({ replaceCredentials: (credentials) => void told.push(credentials) });
    const forget = store.serves({ replaceCredentials: () => expect.unreachable() });
    forget();
    const [none, first] = store.current;
    expect(none).toBeNull();
    files.renew();
    expect(store.reload()).toBe(true);
    expect(told).toEqual([store.current]);
    expect(store.current[1]!.certificates).not.toEqual(first!.certificates);
  });

  test.each<[string, (files: Files) => void, string]>([
    ["is gone", (files) => files.remove("a.crt"), "a.crt: ENOENT"],
    ["is half written", (files) => files.write("a.crt", "-----BEGIN CERTI"), "it cannot be read"],
    ["does not fit its key", (files) => files.write("a.key", testAuthority().issue({}).keyPem), "another certificate"],
    ["has an empty key", (files) => files.write("a.key", ""), "private key: it cannot be read"],
  ])("keeps what it has when a certificate %s, and says so without the key", (_, spoil, message) => {
    using files = new Files();
    const log = new RecordingLog();
    const store = new CredentialStore(files.listeners, log);
    const before = store.current;
    store.serves({ replaceCredentials: () => expect.unreachable() });
    spoil(files);
    expect(store.reload()).toBe(false);
    expect(store.current).toBe(before);
    const [said] = log.events;
    expect(said!.level).toBe("error");
    expect(String(said!.fields["error"])).toContain(message);
    expect(JSON.stringify(log.events)).not.toContain("PRIVATE");
  });

  test("refuses to begin with files that cannot be used, and names them", () => {
    using files = new Files();
    files.write("a.key", "");
    const begin = () => new CredentialStore(files.listeners, new RecordingLog());
    expect(begin).toThrow(TlsFilesError);
    expect(begin).toThrow("a.crt");
  });
});
