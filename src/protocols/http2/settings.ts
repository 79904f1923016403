import { ERROR_CODE } from "./error-code.ts";
import { FRAME_PAYLOAD_BYTES, INITIAL_WINDOW_BYTES, readUint32, UINT31_MAX } from "./frame.ts";
import { Http2ConnectionError } from "./http2-error.ts";

/** The parameters of RFC 9113 §6.5.2, and of RFC 8441 §3. */
export const SETTING = {
  headerTableSize: 0x1,
  enablePush: 0x2,
  maxConcurrentStreams: 0x3,
  initialWindowSize: 0x4,
  maxFrameSize: 0x5,
  maxHeaderListSize: 0x6,
  enableConnectProtocol: 0x8,
} as const;

const SETTING_BYTES = 6;
const FRAME_PAYLOAD_BYTES_MAX = 0xff_ffff;

/** RFC 9113 §6.5.2: what a header table may take unless something else is set. */
const HEADER_TABLE_BYTES = 4_096;

/**
 * What a client has set. To a server that pushes nothing, compresses without a table and sends no frame larger than every peer takes, the initial
 * window matters, and that a smaller table has to be answered; the others are checked and forgotten.
 */
export class PeerSettings {
  #headerTableBytes = HEADER_TABLE_BYTES;
  /** True once it allows a smaller header table than before: the next header block has to say that ours is no larger. RFC 7541 §4.2. */
  isTableSmaller = false;
  /** Bytes of content a stream may get before its first WINDOW_UPDATE. */
  initialWindowBytes: number = INITIAL_WINDOW_BYTES;

  /** Applies the parameters of one SETTINGS frame, in order. @throws {Http2ConnectionError} */
  apply(bytes: Buffer, start: number, end: number): void {
    for (let at = start; at < end; at += SETTING_BYTES) {
      const value = readUint32(bytes, at + 2);
      switch ((bytes[at]! << 8) | bytes[at + 1]!) {
        case SETTING.headerTableSize:
          this.isTableSmaller ||= value < this.#headerTableBytes;
          this.#headerTableBytes = value;
          break;
        case SETTING.enablePush:
          if (value > 1) throw refused("SETTINGS_ENABLE_PUSH", value, "it is 0 or 1");
          break;
        case SETTING.initialWindowSize:
          if (value > UINT31_MAX) {
            throw refused("SETTINGS_INITIAL_WINDOW_SIZE", value, "2^31 - 1 is the most", ERROR_CODE.flowControlError);
          }
          this.initialWindowBytes = value;
          break;
        case SETTING.maxFrameSize:
          if (value < FRAME_PAYLOAD_BYTES || value > FRAME_PAYLOAD_BYTES_MAX) {
            throw refused("SETTINGS_MAX_FRAME_SIZE", value, "it is 2^14 to 2^24 - 1");
          }
          break;
        case SETTING.enableConnectProtocol:
          if (value > 1) throw refused("SETTINGS_ENABLE_CONNECT_PROTOCOL", value, "it is 0 or 1");
          break;
      }
    }
  }
}

function refused(
  name: string,
  value: number,
  allowed: string,
  errorCode: typeof ERROR_CODE.protocolError | typeof ERROR_CODE.flowControlError = ERROR_CODE.protocolError,
): Http2ConnectionError {
  return new Http2ConnectionError(errorCode, `Cannot apply SETTINGS: ${name} is ${value}, ${allowed}`);
}
