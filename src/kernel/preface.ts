/**
 * What a front of the front says of a connection before the connection's own bytes begin (the PROXY protocol). The kernel knows that there
 * is such a thing; who listens says what it looks like and whom to believe.
 */
export interface PrefaceReader {
  /**
   * Looks at everything received so far. Returns `null` while the preface is not complete.
   *
   * @throws {ProtocolError} when this is none, or none within its limit: the connection is closed.
   */
  read(bytes: Buffer): Preface | null;
}

/** A preface that was read. */
export interface Preface {
  /** Where the connection's own bytes begin; 0 when there is no preface. */
  readonly byteLength: number;
  /** Whom the connection is for, as `address:port`; null when the peer speaks for itself. */
  readonly remoteAddress: string | null;
}

/**
 * Says whether a connection from `remoteAddress` (`address:port`, or `unix:`) begins with a preface: how to read it, `"none"` when it does
 * not, `"refuse"` when the peer is nobody that may connect here.
 */
export type OpenPreface = (remoteAddress: string) => PrefaceReader | "none" | "refuse";
