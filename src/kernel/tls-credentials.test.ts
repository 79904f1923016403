import { describe, expect, test } from "bun:test";

import { TestAuthority, testAuthority } from "../../test/support/certificates.ts";
import { TlsCredentials, TlsCredentialsError, type TlsCredentialsOptions } from "./tls-credentials.ts";

const a = { ...testAuthority().issue({ names: ["a.test"] }), serverNames: [] };
const b = { ...testAuthority().issue({ names: ["b.test", "*.b.test", "127.0.0.1"] }), serverNames: [] };
const SOUND: TlsCredentialsOptions = {
  certificates: [a, b],
  versionMin: "TLSv1.2",
  ciphers: null,
  clientAuthoritiesPem: null,
};

function refusal(options: Partial<TlsCredentialsOptions>): TlsCredentialsError {
  try {
    void new TlsCredentials({ ...SOUND, ...options });
  } catch (error) {
    return error as TlsCredentialsError;
  }
  throw new Error("It was accepted");
}

describe("TlsCredentials", () => {
  test("shows a certificate for the names it carries, and the first to everybody else", () => {
    const credentials = new TlsCredentials(SOUND);
    const forB = credentials.contextFor("b.test");
    expect(forB).not.toBe(credentials.defaultContext);
    expect(credentials.contextFor("x.b.test")).toBe(forB);
    for (const name of ["a.test", "c.test", "x.y.b.test"]) {
      expect(credentials.contextFor(name)).toBe(credentials.defaultContext);
    }
  });

  test("shows it for other names when those are given", () => {
    const credentials = new TlsCredentials({ ...SOUND, certificates: [a, { ...b, serverNames: ["c.test"] }] });
    expect(credentials.contextFor("c.test")).not.toBe(credentials.defaultContext);
    expect(credentials.contextFor("b.test")).toBe(credentials.defaultContext);
  });

  test("keeps the context, and with it the session tickets, of what is loaded again unchanged", () => {
    const before = new TlsCredentials(SOUND);
    const renewed = { ...testAuthority().issue({ names: ["a.test"] }), serverNames: [] };
    const after = new TlsCredentials({ ...SOUND, certificates: [renewed, b] }, before);
    expect(after.contextFor("b.test")).toBe(before.contextFor("b.test"));
    expect(after.contextFor("a.test")).not.toBe(before.contextFor("a.test"));
    const stricter = new TlsCredentials({ ...SOUND, versionMin: "TLSv1.3" }, before);
    expect(stricter.contextFor("b.test")).not.toBe(before.contextFor("b.test"));
  });

  test.each<[string, Partial<TlsCredentialsOptions>, number | null, string]>([
    ["no certificate", { certificates: [] }, null, "there is no certificate"],
    ["text", { certificates: [{ ...a, certificatePem: "hello" }] }, 0, "certificate: it cannot be read"],
    ["an empty key", { certificates: [a, { ...b, keyPem: "" }] }, 1, "private key: it cannot be read"],
    ["a foreign key", { certificates: [a, { ...b, keyPem: a.keyPem }] }, 1, "it belongs to another certificate"],
    ["unknown ciphers", { ciphers: "ROT13" }, null, "the ciphers ROT13: TLS knows none of them"],
    ["authorities that are none", { clientAuthoritiesPem: "hello" }, 0, "Invalid CA"],
  ])("refuses %s", (_, options, certificateIndex, message) => {
    const error = refusal(options);
    expect(error).toBeInstanceOf(TlsCredentialsError);
    expect(error.certificateIndex).toBe(certificateIndex);
    expect(error.message).toContain(message);
  });

  test("refuses a certificate whose key is another authority's certificate", () => {
    const other = new TestAuthority("other").issue({ names: ["a.test"] });
    expect(refusal({ certificates: [{ ...a, keyPem: other.keyPem }] }).message).toContain("another certificate");
  });
});
