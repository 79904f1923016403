import { accessSync, constants, readFileSync, statSync } from "node:fs";

import { countCpus } from "./cpu-count.ts";

/** What this user can see at a path, links followed; "other" is a device, a pipe or a socket. */
export type PathKind = "missing" | "file" | "directory" | "other";

/** Everything the configuration takes from the machine. Nothing else in `config/` looks outside. */
export interface ConfigSystem {
  /** The current directory, absolute. */
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

/** The machine and process this runs in, as they are now. */
export function currentSystem(): ConfigSystem {
  return {
    cwd: process.cwd(),
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
