import type { WorkerSink } from "../../protocols/worker/response-decoder.ts";
import type { WorkerResponse } from "../../protocols/worker/worker-response.ts";
import type { Call } from "./call.ts";
import type { ByteRange } from "../../protocols/worker/socket-action.ts";
import type { SessionEnd } from "./call-session.ts";
import type { StreamLink } from "./call-stream.ts";
import type { Uploads } from "./uploads.ts";
import type { LeaveReason } from "../worker-context.ts";
import type { LinkEnd } from "../worker-link.ts";

/** Who hears what a worker says of its requests: the decoder's sink without what concerns the connection. What it throws ends the connection. */
export interface AnswerSink extends Omit<WorkerSink, "onHello" | "onActions"> {
  /** In the body of a request that is sent in parts it is another side's turn: the client's to send, or the worker's to read. */
  onUploadTurn(id: number): void;
}

/** What calls need of the connection to their worker. */
export interface CallLink extends StreamLink {
  /** Bytes written to the worker in its life. */
  readonly writtenBytes: number;
  /** Request bodies that are sent in parts. */
  readonly uploads: Pick<Uploads, "isAny" | "awaitsClient" | "stop">;
  send(call: Call, id: number): void;
  sendPing(n: number): void;
  sendMessage(id: number, message: { readonly isBinary: boolean } & ByteRange): void;
  sendSocketClose(id: number, end: SessionEnd): void;
}

/** A worker as the calls that are written to it see it. */
export interface CallHost {
  readonly id: number;
  readonly link: CallLink;
  /** True while it runs calls: it is ready, or finishes those it has. */
  readonly isServing: boolean;
  /** Takes in what an answer says of the worker. Its call is no longer among the worker's, and has not heard of it yet. */
  noteServed(answer: WorkerResponse, nowMs: number): void;
  /** So many calls that were written ahead are no longer among the worker's. */
  noteTakenBack(count: number): void;
  /** Ends the worker now: what it runs is lost. */
  terminate(reason: LeaveReason): void;
  /** Ends the worker as soon as no client waits for what it runs. */
  giveUp(): void;
  /** Its loop has not turned for so long; heard once for each time. */
  onLoopBlocked(blockedMs: number): void;
  onLoopResumed(blockedMs: number): void;
}

/** The calls written to one worker and not answered yet: one after the other, or several at a time. */
export interface WorkerCalls extends AnswerSink {
  /** How many of them it runs at a time, at least 1. */
  readonly concurrency: number;
  readonly count: number;
  /** Calls written to it in its life, less those that were taken back. */
  readonly sentCount: number;
  /** Since when it has been running the oldest one, where it runs one at a time; `Infinity` while there is none. */
  readonly headSinceMs: number;
  /** The one that was written first; `null` while there is none. */
  readonly oldest: Call | null;
  /** True while nothing may be written ahead, because it answers in parts. */
  readonly isStreaming: boolean;
  /** True while its loop does not turn, as far as it is watched. */
  readonly isBlocked: boolean;
  /** True when there are none, and no WebSockets that have come of them. */
  readonly isEmpty: boolean;
  /** True when nobody waits for any of them. */
  readonly isUnwanted: boolean;
  send(call: Call, nowMs: number): void;
  /** The worker is to leave: what would not end by itself is brought to its end. */
  leave(): void;
  /** What arrived together has been handed over. Returns whether a call ended with it. */
  onBatchEnd(): boolean;
  /**
   * The worker is lost: every call fails as `kind` says, or goes back to the scheduler if it has not begun. Returns whether any failed.
   *
   * @param end what the connection knows; `null` when the worker was ended by us.
   */
  lose(end: LinkEnd | null, kind: "worker-lost" | "timeout"): boolean;
}
