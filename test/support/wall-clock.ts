import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * The wall clock that processes see which run with its environment: the machine's, until it is set. Their monotonic clock and the times of
 * files are the machine's. By libfaketime, which all of a process believes; where there is none, for what the engine's own code asks for.
 */
export class WallClock {
  readonly #path: string;

  /** @param directory where the file is that tells those processes the time. */
  constructor(directory: string) {
    this.#path = join(directory, "wall-clock");
    this.setBy(0);
  }

  /** What processes are to be started with. */
  get environment(): Readonly<Record<string, string>> {
    const shared = { FAKETIME_TIMESTAMP_FILE: this.#path };
    if (Bun.which("faketime") === null) {
      return { ...shared, BUN_OPTIONS: `--preload=${join(import.meta.dir, "moved-clock.ts")}` };
    }
    return {
      ...shared,
      LD_PRELOAD: Bun.spawnSync(["faketime", "-m", "-f", "+0", "printenv", "LD_PRELOAD"]).stdout.toString().trim(),
      FAKETIME_NO_CACHE: "1",
      FAKETIME_DONT_FAKE_MONOTONIC: "1",
      NO_FAKE_STAT: "1",
    };
  }

  /** Has the clock be so far ahead of the machine's, or behind it, from now on. */
  setBy(seconds: number): void {
    // In one step: who reads half a number ends.
    writeFileSync(`${this.#path}.next`, seconds < 0 ? String(seconds) : `+${seconds}`);
    renameSync(`${this.#path}.next`, this.#path);
  }
}
