/** A run of bytes in a worker's frame, valid during the call that hands it over. */
export interface ByteRange {
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
}

/** Which socket an action is about, by the name that the engine gave it; `null` for the socket of the event that is answered. */
export type SocketName = string | null;

/** Something that a worker has the engine do with WebSockets and topics (docs/reference/wire.md, W2.46). */
export type SocketAction =
  | ({ readonly kind: "send"; readonly socket: SocketName; readonly isBinary: boolean } & ByteRange)
  | {
      readonly kind: "close";
      readonly socket: SocketName;
      /** One that may be sent: RFC 6455 §7.4. */
      readonly code: number;
      /** At most 123 bytes of UTF-8. */
      readonly reason: string;
    }
  | { readonly kind: "subscribe" | "unsubscribe"; readonly socket: SocketName; readonly topic: string }
  | ({
      readonly kind: "publish";
      readonly topic: string;
      readonly isBinary: boolean;
      /** The socket that does not get it. */
      readonly except: SocketName;
    } & ByteRange);

/** What a worker has listed, or why nothing of it is done. */
export type ActionList =
  | { readonly actions: readonly SocketAction[]; readonly refusal: null }
  | { readonly actions: readonly []; readonly refusal: string };

/** A list that asks for nothing. */
export const NO_ACTIONS: ActionList = { actions: [], refusal: null };
