/**
 * Who takes the frames of a client. Octets are at `bytes[start, end)` and good until the call returns; whatever is thrown leaves the decoder
 * in order, behind the frame.
 */
export interface FrameSink {
  /** True when no further frame is wanted for now: decoding stops in front of it. */
  readonly isFull: boolean;
  /** Content of a request. `flowBytes` is what the frame takes from the windows, padding included. */
  onData(streamId: number, isEndStream: boolean, bytes: Buffer, start: number, end: number, flowBytes: number): void;
  /** A whole header block: the head of a request, or its trailers. */
  onHeaders(streamId: number, isEndStream: boolean, bytes: Buffer, start: number, end: number): void;
  onReset(streamId: number, errorCode: number): void;
  /** Parameters of six octets each, to be applied in order and acknowledged. */
  onSettings(bytes: Buffer, start: number, end: number): void;
  /** Eight octets, to be sent back. */
  onPing(bytes: Buffer, start: number): void;
  /** The answer to a ping of ours, with its eight octets. */
  onPingAck(bytes: Buffer, start: number): void;
  onGoaway(errorCode: number): void;
  /** @param streamId 0 for the connection's window. @param increment at least 1. */
  onWindowUpdate(streamId: number, increment: number): void;
  /** A frame that asks for nothing: PRIORITY, CONTINUATION, an acknowledgement of SETTINGS, an unknown type. Only their number matters. */
  onIdleFrame(): void;
}
