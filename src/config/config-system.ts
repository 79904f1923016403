import { accessSync, constants, readFileSync, statSync } from "node:fs";

import { ConfigError } from "../base/errors.ts";
import { countCpus } from "./cpu-count.ts";

/** What this user can see at a path, links followed; "other" is a device, a pipe or a socket. */
export type PathKind = "missing" | "file" | "directory" | "other";

/** Everything the configuration takes from the machine. Nothing else in `config/` looks outside. */
export interface ConfigSystem {
  /**
   * The current directory, absolute.
   *
   * @throws {CurrentDirectoryError} when there is none any more, for who asks only: most commands that name an instance do not.
   */
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** CPUs this process may use, at least 1: see {@link countCpus}. */
  readonly cpuCount: number;
  /** Of this process, the effective ones. */
  readonly userId: number;
  readonly groupId: number;
  kindOf(path: string): PathKind;
  mayUse(path: string, use: "read" | "write" | "execute"): boolean;
  /** Size in bytes of what is a file. */
  sizeOf(path: string): number;
  /** @throws what `node:fs` throws. */
  read(path: string): Uint8Array;
}

const ACCESS_MODES = { read: constants.R_OK, write: constants.W_OK, execute: constants.X_OK } as const;

/** Somebody has removed the directory that the command was typed in, as deployments do. */
export class CurrentDirectoryError extends ConfigError {
  override readonly code = "VILYA_CURRENT_DIRECTORY_MISSING";
}

/** The machine and process this runs in, as they are now. */
export function currentSystem(): ConfigSystem {
  return {
    get cwd() {
      return currentDirectory();
    },
    environment: process.env,
    cpuCount: countCpus(),
    userId: process.geteuid!(),
    groupId: process.getegid!(),
    kindOf(path) {
      try {
        const stats = statSync(path);
        if (stats.isFile()) return "file";
        return stats.isDirectory() ? "directory" : "other";
      } catch {
        return "missing";
      }
    },
    mayUse(path, use) {
      try {
        accessSync(path, ACCESS_MODES[use]);
        return true;
      } catch {
        return false;
      }
    },
    sizeOf: (path) => statSync(path).size,
    read: (path) => readFileSync(path),
  };
}

function currentDirectory(): string {
  try {
    return process.cwd();
  } catch (error) {
    throw new CurrentDirectoryError("Cannot use the current directory: it was removed, one that exists is needed", {
      cause: error,
    });
  }
}
