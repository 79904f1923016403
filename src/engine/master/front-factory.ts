import { VERSION } from "../../base/version.ts";
import type { LogTail } from "../../telemetry/log-tail.ts";
import type { Logger } from "../../telemetry/logger.ts";
import type { FrontKind } from "./front-group.ts";
import { FrontProcess } from "../front/front-process.ts";
import { type FrontPlace, sliceConfig } from "./front-slice.ts";
import { startTimeoutMs, stopTimeoutMs } from "../front/front-times.ts";
import type { Blueprint } from "./reloader.ts";
import { roleCommand } from "../role-command.ts";
import type { RuntimeDirectory } from "./runtime-directory.ts";
import { makeSocketPrefix } from "../socket-names.ts";
import type { SpawnFront } from "./supervised-front.ts";
import { workerUsersOf } from "../worker-users.ts";

export interface FrontFactoryOptions {
  /** Of the instance; each front gets a folder of its own in it. */
  readonly directory: RuntimeDirectory;
  /** What fronts, and through them workers, inherit. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The end of the instance's log. */
  readonly tail: LogTail;
  readonly log: Logger;
}

/** Starts the processes of fronts. */
export class FrontFactory {
  readonly #options: FrontFactoryOptions;
  /** Whether fronts that start tell load balancers to send requests elsewhere. */
  isDrained = false;
  /** All fronts of the instance, so that no two have the same folder. */
  #spawnedCount = 0;

  constructor(options: FrontFactoryOptions) {
    this.#options = options;
  }

  /** How fronts of this blueprint come and go. */
  kindOf(blueprint: Blueprint): FrontKind {
    const { config } = blueprint;
    return {
      count: config.frontCount,
      spawnerFor: (place) => this.#spawner(blueprint, place),
      stopTimeoutMs: stopTimeoutMs(config),
      startTimeoutMs: startTimeoutMs(config),
    };
  }

  #spawner({ config, listeners, credentials }: Blueprint, place: FrontPlace): SpawnFront {
    const { directory, environment, tail } = this.#options;
    const log = place.count === 1 ? this.#options.log : this.#options.log.child({ front: place.index });
    return (_, role, watcher) => {
      const isPassable = workerUsersOf(config).length > 0;
      const frontDirectory = directory.addFront(++this.#spawnedCount, { isPassable });
      const front = new FrontProcess({
        command: roleCommand("__front"),
        listenFds: listeners.fdsByListener,
        environment,
        start: {
          config: sliceConfig(config, place),
          place,
          credentials: credentials.current,
          directory: frontDirectory,
          runtimeVersion: VERSION,
          socketPrefix: makeSocketPrefix(),
          isSuccessor: role === "successor",
        },
        onStatus: (status) => watcher.onStatus(status),
        onStanding: () => watcher.onStanding(),
        onLogLines: (lines, droppedCount) => {
          for (const line of lines) tail.add(line);
          if (droppedCount > 0) log.warn("log lines not shown", { lineCount: droppedCount });
        },
        log,
      });
      if (this.isDrained) front.drain(true);
      const forget = credentials.serves(front);
      void front.exited.then(() => {
        forget();
        directory.removeFront(frontDirectory);
      });
      return front;
    };
  }
}
