import { writeFileSync } from "node:fs";

/** TASK_COMM_LEN without the final NUL. */
const NAME_LENGTH_MAX = 15;

/** Sets what `ps -o comm`, `top` and `pgrep` show for this process; longer names are cut to 15 characters. Not being able to is no error. */
export function nameProcess(name: string): void {
  try {
    writeFileSync("/proc/self/comm", name.slice(0, NAME_LENGTH_MAX));
  } catch {
    // A read-only or hidden /proc: the name is a courtesy.
  }
}
