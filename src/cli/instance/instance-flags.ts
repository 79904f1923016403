import { resolve } from "node:path";

import type { ConfigSystem } from "../../config/config-system.ts";
import type { RunningInstance } from "../../engine/master/find-instance.ts";
import { valueOf } from "../given-flags.ts";
import type { Flag, GivenFlag } from "../parse-flags.ts";

/** The flags of every command that talks to a running instance. */
export const INSTANCE_FLAGS: readonly Flag[] = [
  { name: "config", short: "c", value: "FILE", summary: "The instance that was started with this file" },
  { name: "name", short: "n", value: "NAME", summary: "The instance of this name" },
  { name: "runtime-dir", value: "DIRECTORY", summary: "Where its runtime directory is, if runtime_dir says so" },
];

export const JSON_FLAG: Flag = { name: "json", summary: "Print JSON for tools" };

/**
 * The running instance that the flags mean; without any, the one that there is.
 *
 * @throws {InstanceNotFoundError}
 */
export async function instanceOf(flags: readonly GivenFlag[], system: ConfigSystem): Promise<RunningInstance> {
  const path = (name: string): string | null => {
    const given = valueOf(flags, { name });
    return given === null ? null : resolve(system.cwd, given);
  };
  // Loaded here: commands that need no instance answer without it.
  const { findInstance } = await import("../../engine/master/find-instance.ts");
  return findInstance({
    name: valueOf(flags, { name: "name" }),
    configFile: path("config"),
    runtimeParent: path("runtime-dir"),
    session: system.environment["XDG_RUNTIME_DIR"],
  });
}
