import { Arena } from "../../kernel/arena.ts";
import type { TlsFacts } from "../../kernel/tls-facts.ts";
import { writeMapHeader, writeStrHeader } from "../msgpack/msgpack-writer.ts";

/** Facts belong to a connection, and a connection carries many requests. */
const encodings = new WeakMap<TlsFacts, Buffer>();

/**
 * Encodes the value of a request's `tls` (docs/reference/wire.md, W1.35), once for each connection. Returns `null` for a client that has
 * shown no certificate: its requests do not have that key.
 */
export function encodeTls(facts: TlsFacts): Buffer | null {
  const { clientCertificate, version, cipher, serverName } = facts;
  if (clientCertificate === null) return null;
  const known = encodings.get(facts);
  if (known !== undefined) return known;
  const { subject, fingerprintSha256 } = clientCertificate;
  const entries = {
    version,
    cipher,
    server_name: serverName ?? "",
    client_subject: subject,
    client_fingerprint: fingerprintSha256,
  };
  const bytes = encodeTexts(entries);
  encodings.set(facts, bytes);
  return bytes;
}

function encodeTexts(entries: Readonly<Record<string, string>>): Buffer {
  const arena = new Arena();
  const texts = Object.entries(entries);
  writeMapHeader(arena, texts.length);
  for (const text of texts.flat()) {
    const bytes = Buffer.from(text);
    writeStrHeader(arena, bytes.length);
    arena.writeBytes(bytes);
  }
  return arena.copyOut();
}
