/** The error codes of RFC 9113 §7, as RST_STREAM and GOAWAY carry them. */
export const ERROR_CODE = {
  noError: 0x0,
  protocolError: 0x1,
  internalError: 0x2,
  flowControlError: 0x3,
  settingsTimeout: 0x4,
  streamClosed: 0x5,
  frameSizeError: 0x6,
  refusedStream: 0x7,
  cancel: 0x8,
  compressionError: 0x9,
  connectError: 0xa,
  enhanceYourCalm: 0xb,
  inadequateSecurity: 0xc,
  http11Required: 0xd,
} as const;

/** One of the codes of {@link ERROR_CODE}; a peer may send others, which mean no more than that something failed. */
export type ErrorCode = (typeof ERROR_CODE)[keyof typeof ERROR_CODE];
