import { describe, expect, test } from "bun:test";

import { buildRequestHead } from "../../../test/support/build-request-head.ts";
import { decodeMsgpack } from "../../../test/support/decode-msgpack.ts";
import type { TlsFacts } from "../../kernel/tls-facts.ts";
import { encodeRequest } from "./request-encoder.ts";
import { encodeTls } from "./tls-encoder.ts";

const ANONYMOUS: TlsFacts = {
  version: "TLSv1.3",
  cipher: "TLS_AES_128_GCM_SHA256",
  protocol: "h2",
  serverName: "a.test",
  clientCertificate: null,
};
const KNOWN: TlsFacts = {
  ...ANONYMOUS,
  clientCertificate: { subject: "O=Bücher,CN=device 7", fingerprintSha256: "ab".repeat(32) },
};

const WORDS = { method: "GET", target: "/", path: "/", query: "", authority: "a.test", fields: [] };
const FACTS = {
  remoteAddress: Buffer.from("192.0.2.1:1"),
  scheme: "https",
  timeoutMs: 1,
  runtimeVersion: "1",
  bodyBytes: 0,
} as const;

describe("encodeTls", () => {
  test("names a client by its certificate, in UTF-8, once a connection", () => {
    const bytes = encodeTls(KNOWN)!;
    expect(encodeTls(KNOWN)).toBe(bytes);
    expect(decodeMsgpack(bytes)).toEqual(
      new Map([
        ["version", "TLSv1.3"],
        ["cipher", "TLS_AES_128_GCM_SHA256"],
        ["server_name", "a.test"],
        ["client_subject", Buffer.from("O=Bücher,CN=device 7").toString("latin1")],
        ["client_fingerprint", "ab".repeat(32)],
      ]),
    );
  });

  test("says nothing of a client without one", () => {
    expect(encodeTls(ANONYMOUS)).toBeNull();
  });

  test("adds one key to a request, and leaves the others where they are", () => {
    const head = buildRequestHead(WORDS);
    const plain = decodeMsgpack(encodeRequest(head, FACTS).subarray(4)) as ReadonlyMap<string, unknown>;
    const frame = encodeRequest(head, { ...FACTS, tls: encodeTls(KNOWN) });
    const known = new Map(decodeMsgpack(frame.subarray(4)) as ReadonlyMap<string, unknown>);
    expect(frame.readUInt32BE(0)).toBe(frame.length - 4);
    expect(known.get("tls")).toEqual(decodeMsgpack(encodeTls(KNOWN)!));
    known.delete("tls");
    expect(known).toEqual(new Map(plain));
  });
});
