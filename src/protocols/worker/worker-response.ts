import { FieldBlock } from "../http/field-block.ts";
import type { SocketAction } from "./socket-action.ts";

const EMPTY = Buffer.alloc(0);

/** What a worker tells of itself with a response; every value is -1 where it said nothing. */
export interface WorkerUsage {
  /** Requests this process has served. */
  requestCount: number;
  /** Bytes its interpreter has allocated now. */
  memoryBytes: number;
  /** Bytes it had allocated at most. */
  memoryPeakBytes: number;
  /** True when it asks to be replaced. */
  wantsRecycling: boolean;
}

/** What a worker answers to an event of a WebSocket (docs/reference/wire.md, W2.44). */
export interface EventAnswer {
  /** In the order in which they are to be run. */
  readonly actions: readonly SocketAction[];
  /** The subprotocol that was chosen, for an open; `null` for none. */
  readonly protocol: string | null;
  /** What the next event of this socket comes with, a copy; `null` leaves it as it is. */
  readonly state: Buffer | null;
}

/**
 * One response of a worker as offsets into the frame it came in; no string is made of it on the way to a client.
 *
 * Reused from frame to frame: valid only during the sink's call. Fields are validated, so that a worker cannot split or smuggle a
 * response; names keep their case, scalar values are rendered.
 */
export class WorkerResponse {
  /** The request it answers; a safe integer. */
  id = 0;
  /** 200 to 999; 200 where the worker left it out. */
  status = 200;
  /** May point into other bytes than the body's: each carries its own buffer. */
  readonly fields: FieldBlock = new FieldBlock();
  /** What follows the body of an `end`: as valid as the fields. Empty where a worker that has not named the feature sends any. */
  readonly trailers: FieldBlock = new FieldBlock(4);
  /** Why its trailers cannot be sent, for the log; `null` where they can. */
  trailersError: string | null = null;
  bodyBytes: Buffer = EMPTY;
  bodyStart = 0;
  bodyEnd = 0;
  /**
   * What went wrong, for the log and never for the client; `null` when the response may be sent. Also set, with status 500 and without
   * fields and body, where the worker's response cannot be sent: a bad status, a header that would split it. At most 16 KiB are kept of
   * what a worker says.
   */
  error: string | null = null;
  /** Set where it answers an event of a WebSocket in place of a request; `null` for every other response. */
  event: EventAnswer | null = null;
  readonly usage: WorkerUsage = { requestCount: -1, memoryBytes: -1, memoryPeakBytes: -1, wantsRecycling: false };

  get bodyByteLength(): number {
    return this.bodyEnd - this.bodyStart;
  }
}
