/**
 * Why an accepted socket did not become a connection: `peer` left, `deadline` and `limit` took its place away, `refused` it is nobody that
 * may connect, `preface` and `handshake` were not what the protocol says, `clear-text` is HTTP where TLS is spoken, `certificate` was not
 * given or did not verify.
 */
export type ArrivalFailure =
  "peer" | "deadline" | "limit" | "refused" | "preface" | "handshake" | "clear-text" | "certificate";

/** Tells from what the TLS library says of a handshake that has failed. Its names for what went wrong are in the message alone. */
export function handshakeFailureOf(error: Error | null): ArrivalFailure {
  const { message = "", code }: Partial<NodeJS.ErrnoException> = error ?? {};
  if (message.includes("HTTP_REQUEST")) return "clear-text";
  if (message.includes("PEER_DID_NOT_RETURN_A_CERTIFICATE")) return "certificate";
  return code === "ECONNRESET" ? "peer" : "handshake";
}
