import type { UpgradeReport } from "../../admin/upgrade-report.ts";
import type { Logger } from "../../telemetry/logger.ts";
import { openControlChannel } from "../control-channel.ts";
import {
  type AdminAddress,
  HANDOVER_FD,
  HANDOVER_VARIABLE,
  type HandoverAnswer,
  type HandoverOffer,
  parseHandoverAnswer,
} from "./handover-message.ts";
import type { OpenListeners } from "../listeners/open-listeners.ts";

export interface HandoverGiverOptions {
  /** Starts the version that is on the disk now, with the arguments of this one. */
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly listeners: OpenListeners;
  readonly admin: () => { readonly address: AdminAddress; readonly fd: number } | null;
  /** How long the new version may take until it serves. */
  readonly timeoutMs: number;
  /** The new master serves: this one has only to finish what it has. */
  readonly onServing: (masterPid: number) => void;
  readonly log: Logger;
}

type Answer = HandoverAnswer | { readonly kind: "gone"; readonly reason: string };

/**
 * Has another version of this program take over: a new master gets copies of the listening sockets, starts a front of its own, and when that
 * accepts, with workers that are ready, this one finishes what it has. When it does not come to that, nothing has happened here.
 */
export class HandoverGiver {
  readonly #options: HandoverGiverOptions;
  #masterPid: number | null = null;

  constructor(options: HandoverGiverOptions) {
    this.#options = options;
  }

  /** True for the new master, from its start to its exit. */
  isOurs(pid: number): boolean {
    return pid === this.#masterPid;
  }

  /** Never rejects for what is wrong with the new version. */
  async run(): Promise<UpgradeReport> {
    const { log, onServing } = this.#options;
    const startedMs = performance.now();
    const { pid, answer } = await this.#start();
    const durationMs = Math.round(performance.now() - startedMs);
    if (answer.kind === "serving") {
      log.info("upgraded, the new master serves", { masterPid: pid, version: answer.version, durationMs });
      if (pid !== null) onServing(pid);
      return { kind: "upgraded", version: answer.version, masterPid: pid, reason: null, apps: [], durationMs };
    }
    log.error("not upgraded, everything stays as it is", { reason: answer.reason, durationMs });
    return { ...refusedUpgrade(answer.reason), apps: answer.kind === "failed" ? answer.apps : [], durationMs };
  }

  async #start(): Promise<{ readonly pid: number | null; readonly answer: Answer }> {
    // Whoever is process 1 of a container takes the container with it.
    if (process.pid === 1) return { pid: null, answer: gone("the master is process 1, another container is needed") };
    try {
      const child = this.#spawn();
      const answer = await this.#hear(child);
      if (answer.kind !== "serving") await child.exited;
      return { pid: child.pid, answer };
    } catch (error) {
      return { pid: null, answer: gone((error as Error).message) };
    }
  }

  #spawn(): Bun.Subprocess {
    const { command, environment, listeners, admin } = this.#options;
    const adminFd = admin()?.fd;
    const child = Bun.spawn([...command], {
      stdio: [
        "ignore",
        "inherit",
        "inherit",
        "socket-fd",
        ...listeners.fds,
        ...(adminFd === undefined ? [] : [adminFd]),
      ],
      env: { ...environment, [HANDOVER_VARIABLE]: String(HANDOVER_FD) },
      // A terminal's Ctrl-C is for one of the two.
      detached: true,
    });
    this.#masterPid = child.pid;
    void child.exited.then(() => {
      this.#masterPid = null;
    });
    return child;
  }

  async #hear(child: Bun.Subprocess): Promise<Answer> {
    const { listeners, admin, timeoutMs } = this.#options;
    const { promise, resolve } = Promise.withResolvers<Answer>();
    void child.exited.then((code) => resolve(gone(`the new master exited with code ${code}, its STDERR says why`)));
    const timer = setTimeout(() => {
      child.kill("SIGKILL");
      resolve(gone(`the new master did not serve within ${timeoutMs} ms`));
    }, timeoutMs);
    await openControlChannel<HandoverAnswer, HandoverOffer>({
      fd: child.stdio[HANDOVER_FD] as number,
      parse: parseHandoverAnswer,
      onOpen: (channel) =>
        channel.send({ kind: "offer", listeners: listeners.offered, admin: admin()?.address ?? null }),
      onMessage: resolve,
      onClose: () => {},
    });
    return promise.finally(() => clearTimeout(timer));
  }
}

/** A report that says why nothing has happened. */
export function refusedUpgrade(reason: string): UpgradeReport {
  return { kind: "refused", version: null, masterPid: null, reason, apps: [], durationMs: 0 };
}

function gone(state: string): Answer {
  return { kind: "gone", reason: `Cannot upgrade: ${state}; the old master stays` };
}
