/** Why a connection ends, as the codes of RFC 6455 §7.4.1 and the IANA registry say it; those that the engine itself sends or reports. */
export const CLOSE_CODE = {
  normal: 1000,
  /** The server stops, or the page is left. */
  goingAway: 1001,
  protocolError: 1002,
  /** The close frame had no code. Reported, never sent. */
  absent: 1005,
  /** The connection was lost without a close frame. Reported, never sent. */
  abnormal: 1006,
  /** Text that is not UTF-8, or compressed content that does not inflate. */
  invalidContent: 1007,
  /** A rule of ours was broken that has no code of its own. */
  policyViolation: 1008,
  tooLarge: 1009,
  internalError: 1011,
  /** Not now: some resource is exhausted. */
  tryAgainLater: 1013,
} as const;

/** The most a close reason may take in UTF-8: a control frame without the two bytes of the code. */
export const CLOSE_REASON_BYTES_MAX = 123;

/**
 * True for a code that may stand in a close frame: registered ones that are meant to be sent, 3000 to 3999 (registered by libraries) and
 * 4000 to 4999 (private). RFC 6455 §7.4.2.
 */
export function isCloseCode(code: number): boolean {
  if (code >= 3000) return code <= 4999;
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014);
}
