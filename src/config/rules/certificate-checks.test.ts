import { describe, expect, test } from "bun:test";

import { testAuthority } from "../../../test/support/certificates.ts";
import { fakeConfigSystem } from "../../../test/support/fake-config-system.ts";
import { checkCertificates } from "./certificate-checks.ts";
import { readFileSource } from "../sources/file-source.ts";
import { Settings } from "../settings.ts";

const NOW_MS = Date.now();
const DAY_MS = 86_400_000;
const { certificatePem, keyPem } = testAuthority().issue({ names: ["a.test"], validDays: [-1, 30] });
const other = testAuthority().issue({ names: ["b.test"] });

/** Messages about one listener with these files, this many days from now. */
function findings(files: Readonly<Record<string, string>>, inDays = 0): readonly string[] {
  const text = "server: { listeners: [{ port: 443, tls: { certificates: [{ cert: a.crt, key: a.key }] } }] }";
  const settings = new Settings(readFileSource({ label: "vilya.yaml", text, environment: {} }).assignments);
  const system = fakeConfigSystem({ files });
  const { problems, warnings } = checkCertificates(settings, system, NOW_MS + inDays * DAY_MS);
  return [...problems, ...warnings].map(({ message }) => message);
}

describe("checkCertificates", () => {
  test("is content with a pair that is valid for a while", () => {
    expect(findings({ "a.crt": certificatePem, "a.key": keyPem })).toEqual([]);
  });

  test.each([
    [-3, "it is not valid before"],
    [20, "it expires on"],
    [31, "it expired on"],
  ])("says what is wrong with it %d days from now", (inDays, expected) => {
    expect(findings({ "a.crt": certificatePem, "a.key": keyPem }, inDays)).toEqual([expect.stringContaining(expected)]);
  });

  test("names both files when they do not belong together", () => {
    const [message] = findings({ "a.crt": certificatePem, "a.key": other.keyPem });
    expect(message).toContain("certificates[0].key: it belongs to another certificate");
    expect(message).toContain("certificates[0].cert");
  });

  test.each<[string, Readonly<Record<string, string>>, string]>([
    ["missing", { "a.crt": certificatePem }, "a.key does not exist"],
    ["no PEM", { "a.crt": certificatePem, "a.key": "hello" }, "a.key holds no private key"],
    ["a directory", { "a.crt/x": "", "a.key": keyPem }, "a.crt is not a file"],
    ["large", { "a.crt": "x".repeat(1024 * 1024 + 1), "a.key": keyPem }, "a.crt is larger than 1 MiB"],
  ])("refuses a file that is %s", (_, files, expected) => {
    expect(findings(files)).toEqual([expect.stringContaining(expected)]);
  });
});
