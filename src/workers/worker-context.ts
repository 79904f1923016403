import type { PoolConfig } from "../config/app-config.ts";
import type { TimerWheel } from "../kernel/timer-wheel.ts";
import type { RouteAnnouncement } from "../protocols/worker/route-announcement.ts";
import type { ActionList } from "../protocols/worker/socket-action.ts";
import type { CallEnder } from "./calls/call-ender.ts";
import type { Launcher } from "./process/launcher.ts";
import type { PrefetchGovernor } from "./prefetch.ts";
import type { RecycleReason } from "./scaling/recycling.ts";
import type { Scheduler } from "./scheduler.ts";
import type { TurnClock } from "./watch/turn-clock.ts";
import type { Worker } from "./worker.ts";

/** Why a worker leaves. The first reason stays. */
export type LeaveReason =
  /** It ended before it was ready. */
  | "start-failed"
  /** It was not ready in time. */
  | "start-timeout"
  /** It closed its connection or exited by itself. */
  | "left"
  | "protocol-error"
  | "request-timeout"
  /** It went on with what it was told to stop. */
  | "cancel-ignored"
  /** Its loop did not turn for too long. */
  | "unresponsive"
  | RecycleReason
  | "scaled-down"
  | "stopped";

/** Who watches over workers. */
export interface WorkerOwner {
  /** It runs as this process. */
  onStarted(processId: number): void;
  onReady(worker: Worker): void;
  /** Called after each batch of answers. */
  onServed(worker: Worker, nowMs: number): void;
  /** Its loop has not turned for so long; called once for each time. */
  onLoopBlocked(worker: Worker, blockedMs: number): void;
  /** It turns again. */
  onLoopResumed(worker: Worker, blockedMs: number): void;
  /** It takes no further call: another one has to take its place. Called once. */
  onLeaving(worker: Worker): void;
  /** Its process is gone and its last output has been read. The last call of all. */
  onGone(worker: Worker): void;
}

/** What the workers of a pool share. */
export interface WorkerContext {
  readonly config: PoolConfig;
  readonly launcher: Launcher;
  readonly scheduler: Scheduler;
  readonly prefetch: PrefetchGovernor;
  readonly wheel: TimerWheel;
  readonly clock: TurnClock;
  readonly owner: WorkerOwner;
  readonly ender: CallEnder;
  /** What workers have done with sockets and topics; valid during the call. */
  readonly onActions: (list: ActionList) => void;
  /** The routes that a worker has announced; null where it has none to be found. */
  readonly onRoutes: (announcement: RouteAnnouncement | null) => void;
}

/** What the calls of a worker need of that. */
export type CallContext = Pick<WorkerContext, "config" | "scheduler" | "prefetch" | "wheel" | "clock" | "ender">;
