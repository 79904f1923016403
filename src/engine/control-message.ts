import type { FrontReport } from "../admin/front-report.ts";
import type { AppReload } from "../admin/reload-report.ts";
import { ProtocolError } from "../base/errors.ts";
import type { LogLevel } from "../base/log-level.ts";
import type { Config } from "../config/config.ts";
import type { PoolSizes } from "./master/config-difference.ts";
import type { DevelopmentProblem } from "./develop/problem.ts";
import type { RelayAddress } from "./front/front-relay.ts";
import type { FrontPlace } from "./master/front-slice.ts";
import type { FrontStatus } from "./front-status.ts";
import type { ListenerCredentials } from "./listeners/tls-files.ts";

/** What the master tells a front. */
export type MasterMessage =
  /** The first message, once. Descriptors are numbered as the front inherited them; `directory` is the front's own and exists. */
  | {
      readonly kind: "start";
      readonly config: Config;
      /** Of each listener those it has. */
      readonly listenFds: readonly (readonly number[])[];
      readonly place: FrontPlace;
      /** Private keys among them: this channel is a pair of sockets that no other process has, and nothing of it is logged. */
      readonly credentials: readonly ListenerCredentials[];
      readonly directory: string;
      readonly runtimeVersion: string;
      /** What the names of its WebSockets begin with. */
      readonly socketPrefix: string;
      /** The other fronts. */
      readonly peers: readonly RelayAddress[];
      /** It follows a front that serves: it accepts nothing before `accept`, and says `failed` when one of its pools is not ready. */
      readonly isSuccessor: boolean;
    }
  /** It is to accept on its own sockets, and on those of the other fronts with these indexes: they are dead, or hang. */
  | { readonly kind: "accept"; readonly frontIndexes: readonly number[] }
  /** These are the other fronts now, those that only finish what they have included. */
  | { readonly kind: "peers"; readonly peers: readonly RelayAddress[] }
  /** Certificates that were read again, in the order of the listeners. */
  | { readonly kind: "credentials"; readonly credentials: readonly ListenerCredentials[] }
  /** Log files have been moved away: they are opened anew. */
  | { readonly kind: "reopen-logs" }
  /** Files have changed: pages in browsers are to load again, and show the problem if there is one. In development alone. */
  | { readonly kind: "refresh"; readonly problem: DevelopmentProblem | null }
  /**
   * May come twice: `isNow` ends the grace of a stop that is under way. `isHandover`: a successor accepts on the same sockets, so the front
   * only finishes what it has.
   */
  | { readonly kind: "stop"; readonly isNow: boolean; readonly isHandover: boolean }
  /** Every worker of an app, or of all apps, is to be replaced, some at a time. */
  | { readonly kind: "recycle"; readonly app: string | null }
  /** A new generation of workers is to serve an app, or each app. Answered by `reloaded` with the same number. */
  | { readonly kind: "reload"; readonly id: number; readonly app: string | null }
  /** The answer to `vote`: whether the new generation of the app takes over. */
  | { readonly kind: "verdict"; readonly id: number; readonly app: string; readonly mayServe: boolean }
  /** Apps are to have so many workers. */
  | { readonly kind: "resize"; readonly sizes: PoolSizes }
  | { readonly kind: "log-level"; readonly level: LogLevel }
  /** Load balancers are to send requests elsewhere, or here again. Nothing else changes. */
  | { readonly kind: "drain"; readonly isDrained: boolean }
  /** Answered by `report`. */
  | { readonly kind: "report" }
  /** Answered by `pong`; a front that leaves several unanswered is killed and replaced. */
  | { readonly kind: "ping" };

/** What a front tells the master. */
export type FrontMessage =
  /** All its pools are ready: said by a successor, which waits for `accept` then. */
  | { readonly kind: "prepared" }
  /** It accepts connections, and every pool has its workers or goes on trying. */
  | { readonly kind: "started"; readonly status: FrontStatus }
  /** It cannot start, and exits. `apps` are those whose workers did not start. */
  | { readonly kind: "failed"; readonly message: string; readonly apps: readonly AppReload[] }
  /** A worker leads a process group of its own, which the master ends should the front die before it. */
  | { readonly kind: "worker-spawned"; readonly pid: number }
  | { readonly kind: "worker-exited"; readonly pid: number }
  | { readonly kind: "pong"; readonly status: FrontStatus }
  | { readonly kind: "report"; readonly report: FrontReport }
  | { readonly kind: "reloaded"; readonly id: number; readonly apps: readonly AppReload[] }
  /** Of a reload: the new generation of an app could take over, or does not come to that. Answered by `verdict` where it could. */
  | { readonly kind: "vote"; readonly id: number; readonly app: string; readonly isReady: boolean }
  /** Lines of its log, as JSON, and how many were left out behind them. */
  | { readonly kind: "log-lines"; readonly lines: readonly string[]; readonly droppedCount: number }
  /** From now on every new connection is the successor's. */
  | { readonly kind: "handed-over" }
  /** The last message: a stop is complete. */
  | { readonly kind: "stopped"; readonly wasCut: boolean };

const MASTER_KINDS: ReadonlySet<string> = new Set<MasterMessage["kind"]>([
  "start",
  "accept",
  "peers",
  "credentials",
  "reopen-logs",
  "refresh",
  "stop",
  "recycle",
  "reload",
  "verdict",
  "resize",
  "log-level",
  "drain",
  "report",
  "ping",
]);
const FRONT_KINDS: ReadonlySet<string> = new Set<FrontMessage["kind"]>([
  "prepared",
  "started",
  "failed",
  "worker-spawned",
  "worker-exited",
  "pong",
  "report",
  "vote",
  "reloaded",
  "log-lines",
  "handed-over",
  "stopped",
]);

/** The other end of a control channel said what no process of this version says. */
export class ControlMessageError extends ProtocolError {
  override readonly code = "VILYA_CONTROL_MESSAGE";
}

/** @throws {ControlMessageError} */
export function parseMasterMessage(line: string): MasterMessage {
  return parseMessage(line, MASTER_KINDS) as unknown as MasterMessage;
}

/** @throws {ControlMessageError} */
export function parseFrontMessage(line: string): FrontMessage {
  return parseMessage(line, FRONT_KINDS) as unknown as FrontMessage;
}

/** Both ends run the same program: a known kind vouches for its fields. */
function parseMessage(line: string, kinds: ReadonlySet<string>): { readonly kind: string } {
  let message: unknown;
  try {
    message = JSON.parse(line);
  } catch {
    throw new ControlMessageError("Cannot read a control message: it is not JSON");
  }
  if (message === null || typeof message !== "object" || !("kind" in message) || typeof message.kind !== "string") {
    throw new ControlMessageError("Cannot read a control message: it is not an object with a kind");
  }
  if (!kinds.has(message.kind)) {
    throw new ControlMessageError(`Cannot read a control message: its kind is ${JSON.stringify(message.kind)}`);
  }
  return { ...message, kind: message.kind };
}
