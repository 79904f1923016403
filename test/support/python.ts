import { join } from "node:path";

const SCRIPT = join(import.meta.dir, "../../scripts/python.mjs");

/**
 * The Python that tests run, in an environment with the packages of `sdk/python/requirements-test.txt`, which is made where it is not there.
 * @throws {Error} when there is no Python and none can be installed.
 */
export function findTestPython(): string {
  const { exitCode, stdout } = Bun.spawnSync(["node", SCRIPT], { stderr: "inherit" });
  const lines = stdout.toString().trimEnd().split("\n");
  if (exitCode !== 0) throw new Error(`Cannot run Python: ${lines.join("\n")}`);
  return lines.at(-1) ?? "";
}
