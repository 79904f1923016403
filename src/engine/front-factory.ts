import { VERSION } from "../base/version.ts";
import type { LogTail } from "../telemetry/log-tail.ts";
import type { Logger } from "../telemetry/logger.ts";
import { FrontProcess } from "./front-process.ts";
import type { Replacement, SpawnFront } from "./front-supervisor.ts";
import { startTimeoutMs, stopTimeoutMs } from "./front-times.ts";
import type { FrontStatus } from "./front.ts";
import type { Blueprint } from "./reloader.ts";
import { roleCommand } from "./role-command.ts";
import type { RuntimeDirectory } from "./runtime-directory.ts";
import { workerUsersOf } from "./worker-users.ts";

export interface FrontFactoryOptions {
  /** Of the instance; each front gets a folder of its own in it. */
  readonly directory: RuntimeDirectory;
  /** What fronts, and through them workers, inherit. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly onStatus: (status: FrontStatus) => void;
  /** The end of the instance's log. */
  readonly tail: LogTail;
  readonly log: Logger;
}

/** Starts the processes of fronts. */
export class FrontFactory {
  readonly #options: FrontFactoryOptions;
  /** Whether fronts that start tell load balancers to send requests elsewhere. */
  isDrained = false;

  constructor(options: FrontFactoryOptions) {
    this.#options = options;
  }

  /** How fronts of this blueprint come and go. */
  replacement(blueprint: Blueprint): Replacement {
    const { config } = blueprint;
    return {
      spawn: this.#spawner(blueprint),
      stopTimeoutMs: stopTimeoutMs(config),
      startTimeoutMs: startTimeoutMs(config),
    };
  }

  #spawner({ config, listeners, credentials }: Blueprint): SpawnFront {
    const { directory, environment, onStatus, tail, log } = this.#options;
    return (generation, role) => {
      const frontDirectory = directory.addFront(generation, { isPassable: workerUsersOf(config).length > 0 });
      const front = new FrontProcess({
        command: roleCommand("__front"),
        listenFds: listeners.fds,
        environment,
        start: {
          config,
          credentials: credentials.current,
          directory: frontDirectory,
          runtimeVersion: VERSION,
          isSuccessor: role === "successor",
        },
        onStatus,
        onLogLines: (lines, droppedCount) => {
          for (const line of lines) tail.add(line);
          if (droppedCount > 0) log.warn("log lines not shown", { lineCount: droppedCount });
        },
        log,
      });
      if (this.isDrained) front.drain(true);
      credentials.serves(front);
      void front.exited.then(() => directory.removeFront(frontDirectory));
      return front;
    };
  }
}
