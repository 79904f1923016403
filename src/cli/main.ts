import { writeSync } from "node:fs";
import { isatty } from "node:tty";
import { currentSystem } from "../config/config-system.ts";
import { runCommandLine } from "./run-command-line.ts";

/** How long to wait for the reader of a non-blocking pipe that is full. */
const FULL_PIPE_WAIT_MS = 5;

/** The program: `bin/vilya` and the compiled executable start here. Everything it does is in {@link runCommandLine}. */
if (import.meta.main) {
  const terminal = {
    isOutClosed: false,
    out(text: string) {
      this.isOutClosed ||= !writeAll(1, text);
    },
    err(text: string) {
      writeAll(2, text);
    },
    isScreen: isatty(1),
  };
  process.exit(await runCommandLine(process.argv.slice(2), terminal, currentSystem()));
}

/**
 * Before an exit only what is written synchronously is sure to arrive; a reader that has gone (`| head`) is no reason to fail.
 *
 * @returns whether there still is a reader.
 */
function writeAll(fileDescriptor: number, text: string): boolean {
  const bytes = new TextEncoder().encode(text);
  for (let offset = 0; offset < bytes.length;) {
    try {
      offset += writeSync(fileDescriptor, bytes, offset);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EPIPE") return false;
      if (code !== "EAGAIN") throw error;
      Bun.sleepSync(FULL_PIPE_WAIT_MS);
    }
  }
  return true;
}
