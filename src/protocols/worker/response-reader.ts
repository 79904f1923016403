import { MapKeys } from "../msgpack/map-keys.ts";
import type { MsgpackCursor } from "../msgpack/msgpack-cursor.ts";
import { EVENT_KEYS, EventAnswerReader } from "./event-answer-reader.ts";
import type { WorkerFeature } from "./features.ts";
import { assertFrameEnd, assertMap } from "./frame-reader.ts";
import { assertTypeAllowed, type FrameType, readFrameType, type RequestFrame } from "./frame-type.ts";
import { readOwnAction } from "./action-reader.ts";
import type { SocketAction } from "./socket-action.ts";
import { readError } from "./response-error.ts";
import { ResponseFieldReader } from "./response-field-reader.ts";
import { readUsage, resetUsage } from "./response-usage.ts";
import { readNotice, type WorkerNotice } from "./worker-notice.ts";
import { WorkerProtocolError } from "./worker-protocol-error.ts";
import { WorkerResponse } from "./worker-response.ts";

const KEYS = new MapKeys([
  "id",
  "status",
  "headers",
  "body",
  "error",
  "_meta",
  "type",
  "bytes",
  "trailers",
  ...EVENT_KEYS,
]);

const EMPTY = Buffer.alloc(0);

/** A response is final, so it is not 1xx; HTTP has no status of more than three digits (RFC 9110 §15). */
const STATUS_MIN = 200;
const STATUS_MAX = 999;

/** RFC 8297: the one interim response that is an application's to send. */
const EARLY_HINTS = 103;

/** RFC 9110 §15.2.2: accepts a WebSocket. */
const SWITCHING_PROTOCOLS = 101;

/** The values of the frame's map lie in one map. */
const DEPTH = 1;

/**
 * Reads the map of one frame into a response that is reused from frame to frame.
 *
 * Keys come in any order and the last of equal ones counts. Invariant: `response` is safe to send as it is, or has its `error` set.
 */
export class ResponseReader {
  readonly response: WorkerResponse = new WorkerResponse();
  readonly #event = new EventAnswerReader();
  readonly #fieldReader = new ResponseFieldReader();
  readonly #trailerReader = new ResponseFieldReader();
  /** Why the response cannot be sent although its frame is sound. */
  #refusal: string | null = null;
  /** What the last of the frame's `type` keys says; `null` without one. */
  #type: FrameType | null = null;
  #hasFinalStatus = false;
  #hasInterimStatus = false;
  #hasSwitchStatus = false;
  /** What a frame of a WebSocket session says, or why it says nothing; valid until the next frame. */
  ownAction: SocketAction | string = "";
  /** What the last of the frame's `bytes` keys says; -1 where that is no count. */
  #creditBytes = -1;
  /**
   * What was agreed on; `null` at level 1, where anything with an `id` is a response, whatever its `type` says. From a hello on the type counts, and
   * all but whole responses need their feature.
   */
  features: readonly WorkerFeature[] | null = null;

  /**
   * Reads everything from the cursor's place to its end.
   *
   * @returns what the frame says if it belongs to no request; `null` when it is a response, or the `part` of one.
   * @throws {WorkerProtocolError} when the frame is not a map, is followed by other bytes, has no usable `id`, or a type it must not have.
   * @throws {MsgpackError} when it is not MessagePack.
   */
  read(cursor: MsgpackCursor): WorkerNotice | null {
    const start = cursor.at;
    this.clear();
    assertMap(cursor);
    for (let left = cursor.readMapHeader(); left > 0; left--) this.#readPair(cursor);
    assertFrameEnd(cursor);
    if (this.response.id === -1) {
      cursor.at = start;
      return readNotice(cursor, this.#type, this.features);
    }
    const { part } = this;
    if (part === "ws_message" || part === "ws_close") {
      cursor.at = start;
      this.ownAction = readOwnAction(cursor, part === "ws_message" ? "send" : "close");
      return null;
    }
    if (this.#isDone) {
      this.#finishEvent();
      return null;
    }
    if (this.#hasSwitchStatus && !(part === "head" && this.#takesSessions)) this.#refuseStatus();
    if (part === "interim" ? this.#hasFinalStatus : this.#hasInterimStatus) this.#refuseStatus();
    if (part === "head" && this.#takesSessions) this.response.event = this.#event.answer;
    if (part === "interim") this.response.status = EARLY_HINTS;
    if (this.#refusal !== null && part !== "end") this.#replaceByRefusal(this.#refusal);
    return null;
  }

  /**
   * What the frame that was read last carries.
   *
   * @throws {WorkerProtocolError} when it is none of those that this worker may send.
   */
  get part(): RequestFrame {
    const type = this.#type;
    if (type === null || type === "response" || this.features === null) return "response";
    assertTypeAllowed(type, this.features);
    if (type === "done") return "response";
    if (type === "hello" || type === "pong" || type === "actions" || type === "other")
      throw invalidId(`frames of type ${type} have none`);
    return type;
  }

  /**
   * How much more of its body the request may be sent, where the frame is credit.
   *
   * @throws {WorkerProtocolError} when it does not say.
   */
  get creditBytes(): number {
    if (this.#creditBytes >= 0) return this.#creditBytes;
    throw new WorkerProtocolError(
      "VILYA_WORKER_CREDIT_INVALID",
      `Cannot take credit for request ${this.response.id}: its bytes are no count, an integer from 0 is allowed`,
    );
  }

  /** Makes the response one that says nothing and holds nobody's bytes. */
  clear(): void {
    const { response } = this;
    response.id = -1;
    response.status = STATUS_MIN;
    response.fields.clear(EMPTY);
    response.trailers.clear(EMPTY);
    response.trailersError = null;
    this.#clearBody();
    response.error = null;
    response.event = null;
    this.#event.clear();
    resetUsage(response.usage);
    this.#refusal = null;
    this.#type = null;
    this.#hasFinalStatus = this.#hasInterimStatus = this.#hasSwitchStatus = false;
    this.ownAction = "";
    this.#creditBytes = -1;
  }

  #readPair(cursor: MsgpackCursor): void {
    const key = KEYS.read(cursor, DEPTH);
    switch (key) {
      case "id":
        this.response.id = readId(cursor);
        return;
      case "status":
        this.#readStatus(cursor);
        return;
      case "headers":
        this.#refuse(this.#fieldReader.read(cursor, this.response.fields));
        return;
      case "body":
        this.#readBody(cursor);
        return;
      case "error":
        this.response.error = readError(cursor);
        return;
      case "_meta":
        readUsage(cursor, this.response.usage);
        return;
      case "type":
        this.#type = readFrameType(cursor);
        return;
      case "bytes":
        this.#creditBytes = readCount(cursor);
        return;
      case "trailers":
        this.#readTrailers(cursor);
        return;
      case null:
        cursor.skip(DEPTH);
        return;
      default:
        if (this.features?.includes("websocket") === true || this.#takesSessions) this.#event.readValue(key, cursor);
        else cursor.skip(DEPTH);
    }
  }

  get #takesSessions(): boolean {
    return this.features?.includes("websocket_session") === true;
  }

  get #isDone(): boolean {
    return this.#type === "done" && this.features !== null;
  }

  /** An answer to an event that says what cannot be has failed: nothing of it is done. */
  #finishEvent(): void {
    const { response } = this;
    const reason = this.#event.refusal ?? this.#refusal;
    if (reason !== null) response.error ??= `Cannot take the answer to an event: ${reason}`;
    response.event = this.#event.answer;
  }

  #readStatus(cursor: MsgpackCursor): void {
    const status = readStatus(cursor);
    if (status >= STATUS_MIN && status <= STATUS_MAX) {
      this.response.status = status;
      this.#hasFinalStatus = true;
    } else if (status === EARLY_HINTS) {
      this.#hasInterimStatus = true;
    } else if (status === SWITCHING_PROTOCOLS) {
      this.response.status = status;
      this.#hasSwitchStatus = true;
    } else {
      this.#refuseStatus();
    }
  }

  #refuseStatus(): void {
    this.#refuse(
      `its status is not one of a final response, an integer from ${STATUS_MIN} to ${STATUS_MAX} is allowed, and ${EARLY_HINTS} for an interim one`,
    );
  }

  #readTrailers(cursor: MsgpackCursor): void {
    const { response } = this;
    if (this.features?.includes("trailers") !== true) {
      cursor.skip(DEPTH);
      return;
    }
    const refusal = this.#trailerReader.read(cursor, response.trailers);
    response.trailersError = refusal === null ? null : `Cannot send trailers: ${refusal}`;
    if (refusal !== null) response.trailers.clear(EMPTY);
  }

  #readBody(cursor: MsgpackCursor): void {
    this.#clearBody();
    if (cursor.tryReadNil()) return;
    const type = cursor.peekType();
    if (type !== "string" && type !== "binary") {
      this.#refuse(`its body is of type ${type}, only str, bin and nil are allowed`);
      cursor.skip(DEPTH);
      return;
    }
    cursor.readBytes();
    const { response } = this;
    response.bodyBytes = cursor.bytes;
    response.bodyStart = cursor.rangeStart;
    response.bodyEnd = cursor.rangeEnd;
  }

  #clearBody(): void {
    this.response.bodyBytes = EMPTY;
    this.response.bodyStart = this.response.bodyEnd = 0;
  }

  #refuse(reason: string | null): void {
    this.#refusal ??= reason;
  }

  #replaceByRefusal(reason: string): void {
    const { response } = this;
    response.status = 500;
    response.fields.clear(EMPTY);
    this.#clearBody();
    response.error ??= `Cannot send the worker's response: ${reason}`;
  }
}

function readId(cursor: MsgpackCursor): number {
  const type = cursor.peekType();
  if (type !== "integer" && type !== "float") throw invalidId(`it is of type ${type}`);
  const id = cursor.readNumber();
  if (!Number.isSafeInteger(id) || id < 0) throw invalidId(`it is ${id}`);
  return id;
}

/** A count of bytes; -1 from anything else. */
function readCount(cursor: MsgpackCursor): number {
  if (cursor.peekType() !== "integer") {
    cursor.skip(DEPTH);
    return -1;
  }
  const count = cursor.readNumber();
  return Number.isSafeInteger(count) ? count : -1;
}

function invalidId(state: string): WorkerProtocolError {
  return new WorkerProtocolError(
    "VILYA_WORKER_ID_INVALID",
    `Cannot read the id of a response: ${state}, the id of its request is allowed`,
  );
}

/** A status from a number or from text of three digits, 200 from nil, 0 from anything else. */
function readStatus(cursor: MsgpackCursor): number {
  if (cursor.tryReadNil()) return STATUS_MIN;
  const type = cursor.peekType();
  if (type === "integer" || type === "float") {
    const status = cursor.readNumber();
    return Number.isInteger(status) ? status : 0;
  }
  if (type !== "string" && type !== "binary") {
    cursor.skip(DEPTH);
    return 0;
  }
  cursor.readBytes();
  const text = cursor.bytes.toString("latin1", cursor.rangeStart, Math.min(cursor.rangeEnd, cursor.rangeStart + 4));
  return /^[0-9]{3}$/.test(text) ? Number(text) : 0;
}
