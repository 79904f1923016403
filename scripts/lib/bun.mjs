import { spawnSync } from "node:child_process";
import { inRepository } from "./repository.mjs";

/**
 * The path of the Bun runtime, as `bin/find-bun` finds it: the scripts and the launcher cannot disagree.
 * @throws {Error} with what was looked for and what to try, when there is none.
 */
export function findBun() {
  const { status, stdout, stderr, error } = spawnSync("sh", [inRepository("bin", "find-bun")], { encoding: "utf8" });
  if (error) throw error;
  if (status !== 0) throw new Error(stderr.trimEnd().replace(/^error: /, ""));
  return stdout.trimEnd();
}
