import { join, resolve } from "node:path";
import type { ConfigSystem, PathKind } from "../../src/config/config-system.ts";

/** The machine a configuration is read on, made up. */
export interface FakeMachine {
  readonly cwd?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly cpuCount?: number;
  /** Default: an ordinary user, 1000. */
  readonly userId?: number;
  /** Contents by path, relative to the current directory or absolute. Their directories exist too. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  /** Paths of pipes, sockets or devices. */
  readonly others?: readonly string[];
  /** Paths that this user may not use in any way. */
  readonly forbidden?: readonly string[];
}

/** A {@link ConfigSystem} without a machine. In `/app` there is a `worker.php`, in `PATH` a `php`, unless the files say otherwise. */
export function fakeConfigSystem(machine: FakeMachine = {}): ConfigSystem {
  const { cwd = "/app", environment = {}, cpuCount = 2, others = [], forbidden = [] } = machine;
  const files = new Map<string, Uint8Array>();
  const given = { "/app/worker.php": "<?php", "/usr/bin/php": "", ...machine.files };
  for (const [path, content] of Object.entries(given)) {
    files.set(resolve(cwd, path), typeof content === "string" ? new TextEncoder().encode(content) : content);
  }
  const contentOf = (path: string) => files.get(path) ?? new Uint8Array();
  const isDirectory = (path: string) =>
    path === cwd || [...files.keys()].some((file) => file.startsWith(join(path, "/")));
  const kindOf = (path: string): PathKind => {
    if (files.has(path)) return "file";
    if (others.includes(path)) return "other";
    return isDirectory(path) ? "directory" : "missing";
  };
  return {
    cwd,
    environment: { PATH: "/usr/local/bin:/usr/bin", ...environment },
    cpuCount,
    userId: machine.userId ?? 1000,
    groupId: machine.userId ?? 1000,
    kindOf,
    mayUse: (path) => kindOf(path) !== "missing" && !forbidden.includes(path),
    sizeOf: (path) => contentOf(path).length,
    read: contentOf,
  };
}
