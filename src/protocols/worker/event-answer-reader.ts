import { isUtf8 } from "node:buffer";
import type { MsgpackCursor } from "../msgpack/msgpack-cursor.ts";
import { readActions } from "./action-reader.ts";
import { SOCKET_STATE_BYTES_MAX } from "./limits.ts";
import { type ActionList, NO_ACTIONS } from "./socket-action.ts";
import type { EventAnswer } from "./worker-response.ts";

/** The values lie in the map of the frame. */
const DEPTH = 1;

/** The keys that only the answer to an event has, and `actions` also without an event. */
export const EVENT_KEYS = ["actions", "protocol", "state"] as const;

/** One of those keys. */
export type EventKey = (typeof EVENT_KEYS)[number];

/** Reads what a worker says beside a response: actions, the subprotocol it has chosen, and what it keeps with a socket. */
export class EventAnswerReader {
  #actions: ActionList = NO_ACTIONS;
  #protocol: string | null = null;
  #state: Buffer | null = null;
  #refusal: string | null = null;

  /** Why nothing of it is done, or `null`. */
  get refusal(): string | null {
    return this.#refusal ?? this.#actions.refusal;
  }

  get answer(): EventAnswer {
    return { actions: this.#actions.actions, protocol: this.#protocol, state: this.#state };
  }

  clear(): void {
    this.#actions = NO_ACTIONS;
    this.#protocol = this.#state = this.#refusal = null;
  }

  /** Reads the value of `key`, whatever it is. The last of equal keys counts. */
  readValue(key: EventKey, cursor: MsgpackCursor): void {
    switch (key) {
      case "actions":
        this.#actions = readActions(cursor);
        return;
      case "protocol":
        this.#protocol = this.#readProtocol(cursor);
        return;
      case "state":
        this.#state = this.#readState(cursor);
        return;
      default:
        key satisfies never;
    }
  }

  #readProtocol(cursor: MsgpackCursor): string | null {
    if (!this.#readText(cursor, "protocol")) return null;
    const { bytes, rangeStart, rangeEnd } = cursor;
    if (!isUtf8(bytes.subarray(rangeStart, rangeEnd))) this.#refuse("its protocol is not UTF-8");
    // As good as none, for languages whose text has no null.
    return rangeStart === rangeEnd ? null : bytes.toString("latin1", rangeStart, rangeEnd);
  }

  #readState(cursor: MsgpackCursor): Buffer | null {
    if (!this.#readText(cursor, "state")) return null;
    const { bytes, rangeStart, rangeEnd } = cursor;
    const byteLength = rangeEnd - rangeStart;
    if (byteLength <= SOCKET_STATE_BYTES_MAX) return Buffer.from(bytes.subarray(rangeStart, rangeEnd));
    this.#refuse(`its state has ${byteLength} bytes, ${SOCKET_STATE_BYTES_MAX} are allowed`);
    return null;
  }

  /** Finds the next value if it is text; nil is nothing said, and everything else is refused. */
  #readText(cursor: MsgpackCursor, key: string): boolean {
    if (cursor.tryReadNil()) return false;
    const type = cursor.peekType();
    if (type === "string" || type === "binary") {
      cursor.readBytes();
      return true;
    }
    this.#refuse(`its ${key} is of type ${type}, str, bin and nil are allowed`);
    cursor.skip(DEPTH);
    return false;
  }

  #refuse(reason: string): void {
    this.#refusal ??= reason;
  }
}
