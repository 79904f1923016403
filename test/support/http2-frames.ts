import { ERROR_CODE } from "../../src/protocols/http2/error-code.ts";
import { FRAME_FLAG, FRAME_TYPE, PREFACE } from "../../src/protocols/http2/frame.ts";
import { block, type Field } from "./hpack-text.ts";

/** A frame as it is on the wire, taken apart. */
export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly streamId: number;
  readonly payload: Buffer;
}

/** Any frame at all, valid or not. */
export function frame(type: number, flags: number, streamId: number, payload: Uint8Array = Buffer.alloc(0)): Buffer {
  const header = Buffer.alloc(9);
  header.writeUIntBE(payload.length, 0, 3);
  header[3] = type;
  header[4] = flags;
  header.writeUInt32BE(streamId, 5);
  return Buffer.concat([header, payload]);
}

/** Parameters by their numbers, in order. */
export function settings(...parameters: readonly (readonly [id: number, value: number])[]): Buffer {
  const payload = Buffer.alloc(parameters.length * 6);
  for (const [index, [id, value]] of parameters.entries()) {
    payload.writeUInt16BE(id, index * 6);
    payload.writeUInt32BE(value, index * 6 + 2);
  }
  return frame(FRAME_TYPE.settings, 0, 0, payload);
}

export function settingsAck(): Buffer {
  return frame(FRAME_TYPE.settings, FRAME_FLAG.ack, 0);
}

/** What every client starts with. */
export function hello(...parameters: readonly (readonly [id: number, value: number])[]): Buffer {
  return Buffer.concat([PREFACE, settings(...parameters)]);
}

export function ping(octets: string = "12345678", isAck: boolean = false): Buffer {
  return frame(FRAME_TYPE.ping, isAck ? FRAME_FLAG.ack : 0, 0, Buffer.from(octets, "latin1"));
}

export function windowUpdate(streamId: number, increment: number): Buffer {
  return frame(FRAME_TYPE.windowUpdate, 0, streamId, uint32(increment));
}

export function reset(streamId: number, errorCode: number = ERROR_CODE.cancel): Buffer {
  return frame(FRAME_TYPE.rstStream, 0, streamId, uint32(errorCode));
}

export function goaway(lastStreamId: number, errorCode: number = ERROR_CODE.noError): Buffer {
  return frame(FRAME_TYPE.goaway, 0, 0, Buffer.concat([uint32(lastStreamId), uint32(errorCode)]));
}

export function priority(streamId: number, dependsOn: number = 0): Buffer {
  return frame(FRAME_TYPE.priority, 0, streamId, Buffer.concat([uint32(dependsOn), Buffer.from([15])]));
}

export function content(streamId: number, text: string | Uint8Array, isEnd: boolean = false): Buffer {
  const payload = typeof text === "string" ? Buffer.from(text, "latin1") : text;
  return frame(FRAME_TYPE.data, isEnd ? FRAME_FLAG.endStream : 0, streamId, payload);
}

/** HEADERS with fields that enter no table. */
export function headers(streamId: number, fields: readonly Field[], isEnd: boolean = true): Buffer {
  return headersOf(streamId, block(fields), isEnd);
}

/** HEADERS with a block of any octets. */
export function headersOf(streamId: number, octets: Uint8Array, isEnd: boolean = true): Buffer {
  const flags = FRAME_FLAG.endHeaders | (isEnd ? FRAME_FLAG.endStream : 0);
  return frame(FRAME_TYPE.headers, flags, streamId, octets);
}

/** A header block in a HEADERS frame and CONTINUATION frames, cut at these offsets. */
export function splitHeaders(streamId: number, octets: Buffer, cuts: readonly number[], isEnd: boolean = true): Buffer {
  const bounds = [0, ...cuts, octets.length];
  const frames = bounds.slice(1).map((end, index) => {
    const endHeaders = index === cuts.length ? FRAME_FLAG.endHeaders : 0;
    const part = octets.subarray(bounds[index], end);
    if (index > 0) return frame(FRAME_TYPE.continuation, endHeaders, streamId, part);
    return frame(FRAME_TYPE.headers, endHeaders | (isEnd ? FRAME_FLAG.endStream : 0), streamId, part);
  });
  return Buffer.concat(frames);
}

/** The pseudo-header fields of a request, and more fields behind them. */
export function request(path: string = "/", method: string = "GET", more: readonly Field[] = []): Field[] {
  return [[":method", method], [":scheme", "http"], [":path", path], [":authority", "a.example"], ...more];
}

/** The frames at the start of `bytes`, as far as they are whole, and how many bytes they take. */
export function readFrames(bytes: Buffer): { readonly frames: readonly Frame[]; readonly byteLength: number } {
  const frames: Frame[] = [];
  let at = 0;
  while (bytes.length - at >= 9) {
    const end = at + 9 + bytes.readUIntBE(at, 3);
    if (end > bytes.length) break;
    frames.push({
      type: bytes[at + 3]!,
      flags: bytes[at + 4]!,
      streamId: bytes.readUInt32BE(at + 5),
      payload: bytes.subarray(at + 9, end),
    });
    at = end;
  }
  return { frames, byteLength: at };
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
