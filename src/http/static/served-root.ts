import { closeSync, statSync } from "node:fs";

import { RootDirectory } from "../../kernel/root-directory.ts";
import type { Logger } from "../../telemetry/logger.ts";
import { type FileStamp, inspect } from "./file-stamp.ts";
import type { StaticConfig } from "../../config/static-config.ts";

/** Of the system's errors, those that say that there is no such file for us. */
const ABSENT = new Set(["ENOENT", "ENOTDIR", "EACCES", "ELOOP", "EXDEV", "ENAMETOOLONG", "ENXIO", "EINVAL", "ENODEV"]);

/** Who is told of the root. */
export interface ServedRootListener {
  readonly log: Logger;
  /** Another directory is the root now, or none: what was known of files is of no use. */
  readonly onReplaced: () => void;
}

/**
 * The root of a site. A deployment may put another directory or link in its place: that is looked at once in `revalidateMs`. Without a
 * directory there are no files, until there is one.
 */
export class ServedRoot implements Disposable {
  readonly #options: Pick<StaticConfig, "root" | "symlinks" | "revalidateMs">;
  readonly #listener: ServedRootListener;
  #directory: RootDirectory | null = null;
  #id = "";
  #checkedAtMs = -Infinity;

  constructor(options: Pick<StaticConfig, "root" | "symlinks" | "revalidateMs">, listener: ServedRootListener) {
    this.#options = options;
    this.#listener = listener;
  }

  /** Opens whatever `path` is; the descriptor is the caller's. `null` when there is nothing, or nothing for us. */
  openAny(path: string): number | null {
    const fd = this.#current()?.open(path) ?? "ENOENT";
    if (typeof fd === "number") return fd;
    // Out of descriptors, out of memory, a broken disk: somebody should know.
    if (!ABSENT.has(fd))
      this.#listener.log.error("file cannot be opened", { root: this.#options.root, path, errno: fd });
    return null;
  }

  /** As `openAny`, for regular files alone. */
  openFile(path: string): { readonly fd: number; readonly stamp: FileStamp } | null {
    const fd = this.openAny(path);
    if (fd === null) return null;
    const { kind, stamp } = inspect(fd);
    if (kind === "file") return { fd, stamp };
    closeSync(fd);
    return null;
  }

  [Symbol.dispose](): void {
    this.#directory?.[Symbol.dispose]();
    this.#directory = null;
    this.#checkedAtMs = -Infinity;
  }

  #current(): RootDirectory | null {
    // Not the wall clock: one that is set back would keep what is gone.
    const nowMs = performance.now();
    const { root, symlinks, revalidateMs } = this.#options;
    if (nowMs - this.#checkedAtMs < revalidateMs) return this.#directory;
    const isFirst = this.#checkedAtMs === -Infinity;
    this.#checkedAtMs = nowMs;
    try {
      const { dev, ino } = statSync(root);
      const id = `${dev}:${ino}`;
      if (this.#directory !== null && id === this.#id) return this.#directory;
      this.#replace(new RootDirectory(root, symlinks));
      this.#id = id;
    } catch (error) {
      if (this.#directory !== null || isFirst) {
        this.#listener.log.error("static root cannot be opened", { root, error: error as Error });
      }
      this.#replace(null);
    }
    return this.#directory;
  }

  #replace(directory: RootDirectory | null): void {
    this.#directory?.[Symbol.dispose]();
    this.#directory = directory;
    this.#listener.onReplaced();
  }
}
