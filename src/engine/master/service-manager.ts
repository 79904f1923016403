import { monotonicMicroseconds } from "../../kernel/monotonic-clock.ts";
import { sendDatagram } from "../../kernel/send-datagram.ts";
import type { FrontStatus } from "../front-status.ts";
import { HANDOVER_VARIABLE } from "../handover/handover-message.ts";

/** Variables that are meant for one process. */
const OWN_VARIABLES = ["WATCHDOG_PID", "LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES", HANDOVER_VARIABLE] as const;

/** Variables that are meant for the master, and for the one that follows it. */
const MASTER_VARIABLES = ["NOTIFY_SOCKET", "WATCHDOG_USEC", "VILYA_LAUNCHER"] as const;

/** A sign of life comes this often within the time after which the manager would give the service up. */
const SIGNS_PER_TIMEOUT = 2;

const US_PER_MS = 1_000;

/** How soon a change of state that the manager's socket had no room for is sent again. */
const RETRY_MS = 100;

/** How often: nobody may listen there. */
const RETRY_COUNT_MAX = 300;

/** Changes of state that wait at most; the oldest ones give way. */
const UNSENT_COUNT_MAX = 16;

export interface ServiceManagerOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Sends one message to the manager's socket. Default: as a datagram. */
  readonly send?: (socket: string, message: string) => boolean;
}

/**
 * What started this process, as far as it wants to be told of the service's state: sd_notify(3), the protocol of `Type=notify` and
 * `Type=notify-reload` of systemd. Without `NOTIFY_SOCKET` it wants nothing. A manager that does not listen costs nothing either; one that is
 * busy hears of every change of state, in their order, as soon as it reads.
 */
export class ServiceManager implements Disposable {
  readonly #socket: string | null;
  readonly #send: (socket: string, message: string) => boolean;
  readonly #watchdog: NodeJS.Timeout | null;
  #state: "starting" | "ready" | "reloading" | "stopping" = "starting";
  #status = "";
  #isStatusTold = false;
  /** Changes of state that it has not taken yet, oldest first. */
  readonly #unsent: string[] = [];
  #retryCount = 0;
  #retry: NodeJS.Timeout | null = null;

  constructor({ environment, send = sendDatagram }: ServiceManagerOptions) {
    const { NOTIFY_SOCKET: socket = "", WATCHDOG_USEC: timeout, WATCHDOG_PID: pid = String(process.pid) } = environment;
    this.#socket = /^[/@]/.test(socket) ? socket : null;
    this.#send = send;
    const intervalMs = Number(timeout ?? 0) / US_PER_MS / SIGNS_PER_TIMEOUT;
    const isWatched = this.#socket !== null && pid === String(process.pid) && intervalMs >= 1;
    this.#watchdog = isWatched ? setInterval(() => void this.#notify("WATCHDOG=1"), intervalMs) : null;
  }

  /** A front has told how it is. From the first time on that it is ready the service counts as started. */
  onStatus({ isReady, workerCount, busyCount, connectionCount }: FrontStatus): void {
    const status = isReady
      ? `${workerCount} workers, ${busyCount} busy, ${connectionCount} connections`
      : "not ready: no worker has started";
    const isFirst = isReady && this.#state === "starting";
    if (isFirst) this.#state = "ready";
    if (this.#state === "stopping" || (status === this.#status && this.#isStatusTold && !isFirst)) return;
    this.#status = status;
    if (isFirst) this.#change(`READY=1\nSTATUS=${status}`);
    // What it has no room for now is told with the next sign of life of a front.
    this.#isStatusTold = isFirst || this.#notify(`STATUS=${status}`);
  }

  onReloading(): void {
    if (this.#state !== "ready") return;
    this.#state = "reloading";
    this.#change(`RELOADING=1\nMONOTONIC_USEC=${monotonicMicroseconds()}`);
  }

  /** It serves, with what is new or, when that was refused, with what it had. */
  onReloaded(): void {
    if (this.#state !== "reloading") return;
    this.#state = "ready";
    this.#change(`READY=1\nSTATUS=${this.#status}`);
  }

  /** @param timeoutMs how long it may take at most: the manager is asked not to lose its patience before. */
  onStopping(timeoutMs: number): void {
    if (this.#state === "stopping") return;
    this.#state = "stopping";
    this.#change(`STOPPING=1\nSTATUS=stopping\nEXTEND_TIMEOUT_USEC=${timeoutMs * US_PER_MS}`);
  }

  /** Another process is the service from now on; this one has nothing more to say. */
  onHandedOver(masterPid: number): void {
    if (this.#state === "stopping") return;
    this.#state = "stopping";
    this.#change(`MAINPID=${masterPid}`);
    this[Symbol.dispose]();
  }

  [Symbol.dispose](): void {
    if (this.#watchdog !== null) clearInterval(this.#watchdog);
  }

  /** For what is said again and again: false when it was not taken, or would overtake a change of state. */
  #notify(message: string): boolean {
    if (this.#socket === null) return true;
    return this.#unsent.length === 0 && this.#send(this.#socket, message);
  }

  #change(message: string): void {
    if (this.#socket === null) return;
    this.#unsent.push(message);
    if (this.#unsent.length > UNSENT_COUNT_MAX) this.#unsent.shift();
    if (this.#retry === null) this.#sendUnsent(this.#socket);
  }

  #sendUnsent(socket: string): void {
    for (let [message] = this.#unsent; message !== undefined && this.#send(socket, message); [message] = this.#unsent) {
      this.#unsent.shift();
      this.#retryCount = 0;
    }
    if (this.#unsent.length === 0) return;
    if (++this.#retryCount > RETRY_COUNT_MAX) {
      this.#unsent.length = 0;
      this.#retryCount = 0;
      return;
    }
    this.#retry = setTimeout(() => {
      this.#retry = null;
      this.#sendUnsent(socket);
    }, RETRY_MS);
    this.#retry.unref();
  }
}

/** The environment for fronts and workers: without what is meant for the master, so that no child answers for it. */
export function environmentForChildren(environment: Environment): Environment {
  return without(environment, [...OWN_VARIABLES, ...MASTER_VARIABLES]);
}

/** The environment for a master that follows this one. */
export function environmentForSuccessor(environment: Environment): Environment {
  return without(environment, OWN_VARIABLES);
}

type Environment = Readonly<Record<string, string | undefined>>;

function without(environment: Environment, names: readonly string[]): Environment {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !names.includes(name)));
}
