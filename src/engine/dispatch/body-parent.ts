import { accessSync, constants } from "node:fs";
import { tmpdir } from "node:os";

import type { Logger } from "../../telemetry/logger.ts";

/** Where a front may keep request bodies. */
export interface BodyParents {
  /** `server.body_dir`, which is not second-guessed. */
  readonly configured: string | null;
  /** Default: the system's. */
  readonly temporary?: string;
  /** The front's own directory, which is there and writable. */
  readonly own: string;
}

/**
 * The directory for request bodies: what the configuration says, else that for temporary files. Where that cannot be written to, as in a
 * container with a read-only root, it is the front's own, and the log says so: that is often in memory.
 */
export function bodyParent({ configured, temporary = tmpdir(), own }: BodyParents, log: Logger): string {
  if (configured !== null) return configured;
  try {
    accessSync(temporary, constants.W_OK | constants.X_OK);
    return temporary;
  } catch (error) {
    const { code = "unknown" } = error as NodeJS.ErrnoException;
    log.warn("request bodies go to the runtime directory", { directory: own, temporary, code });
    return own;
  }
}
