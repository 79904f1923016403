import { closeSync, constants, openSync } from "node:fs";

import { lastErrorName, libc } from "./libc.ts";

// <asm/unistd.h>: the same number on every architecture.
const SYS_OPENAT2 = 437;
/** `struct open_how`: flags, mode, resolve. */
const OPEN_HOW_BYTES = 24;

// <fcntl.h>, where the runtime has no name for them.
const O_PATH = 0o10000000;
const O_CLOEXEC = 0o2000000;

/** A fifo without a writer, a terminal or a device neither holds up the open nor changes who we are. */
const OPEN_FLAGS = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY | O_CLOEXEC;
const DIRECTORY_FLAGS = O_PATH | constants.O_DIRECTORY | O_CLOEXEC;

// <linux/openat2.h>
const RESOLVE_NO_MAGICLINKS = 0x02;
const RESOLVE_NO_SYMLINKS = 0x04;
const RESOLVE_BENEATH = 0x08;

/** Which symbolic links are gone through: those that stay in the directory, none, or all. */
export type SymlinkPolicy = "beneath" | "refuse" | "follow";

const RESOLVE: Readonly<Record<SymlinkPolicy, number>> = {
  beneath: RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS,
  refuse: RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS,
  follow: RESOLVE_NO_MAGICLINKS,
};

/** Between the steps of an absolute or climbing link something was renamed: the kernel asks to be asked again. openat2(2). */
const TRY_COUNT_MAX = 8;

/**
 * A directory, held open, in which files are opened by relative paths. The kernel resolves each path as one step, so nothing that is renamed
 * or linked meanwhile leads out of the directory.
 *
 * A kernel without openat2 (before 5.6, or behind an old seccomp filter) is served by a walk over the components that refuses every link:
 * as safe, and `beneath` is then `refuse`.
 */
export class RootDirectory implements Disposable {
  readonly #fd: number;
  readonly #policy: SymlinkPolicy;
  readonly #how: BigUint64Array;
  readonly #isWalking: boolean;

  /** @throws the runtime's error (`ENOENT`, `ENOTDIR`, `EACCES`, …) when the directory cannot be opened. */
  constructor(path: string, policy: SymlinkPolicy, { hasOpenat2 = true }: { readonly hasOpenat2?: boolean } = {}) {
    this.#fd = openSync(path, DIRECTORY_FLAGS);
    this.#policy = policy;
    this.#how = new BigUint64Array([BigInt(OPEN_FLAGS), 0n, BigInt(RESOLVE[policy])]);
    this.#isWalking = !hasOpenat2 || !this.#canResolve();
  }

  /**
   * Opens a file for reading, whatever kind it is of: look before you read.
   *
   * @param path relative, one byte per UTF-16 unit, without a NUL, an empty component, `.` or `..`; empty for the directory itself.
   * @returns its descriptor, the caller's to close, or the name of the system's error: `ENOENT`, `EXDEV` for a link that leads out, `ELOOP`
   *   for one that is refused, ….
   */
  open(path: string): number | string {
    const name = path === "" ? "." : path;
    if (this.#policy === "follow" && this.#isWalking) return openAt(this.#fd, name, OPEN_FLAGS);
    return this.#isWalking ? this.#walk(name) : this.#resolve(name);
  }

  [Symbol.dispose](): void {
    closeSync(this.#fd);
  }

  #resolve(path: string): number | string {
    const name = Buffer.from(`${path}\0`, "latin1");
    for (let tryCount = 1; ; tryCount++) {
      const fd = libc().syscall(SYS_OPENAT2, this.#fd, name, this.#how, OPEN_HOW_BYTES);
      if (fd >= 0) return fd;
      const errno = lastErrorName();
      const isWorthAnother = (errno === "EAGAIN" || errno === "EINTR") && tryCount < TRY_COUNT_MAX;
      if (!isWorthAnother) return errno;
    }
  }

  #walk(path: string): number | string {
    const components = path.split("/");
    if (components.includes("..")) return "EXDEV";
    const last = components.pop()!;
    let directory = this.#fd;
    try {
      for (const component of components) {
        const next = openAt(directory, component, DIRECTORY_FLAGS | constants.O_NOFOLLOW);
        if (typeof next === "string") return next;
        if (directory !== this.#fd) closeSync(directory);
        directory = next;
      }
      return openAt(directory, last, OPEN_FLAGS | constants.O_NOFOLLOW);
    } finally {
      if (directory !== this.#fd) closeSync(directory);
    }
  }

  #canResolve(): boolean {
    const fd = this.#resolve(".");
    if (typeof fd === "number") {
      closeSync(fd);
      return true;
    }
    return fd !== "ENOSYS" && fd !== "EPERM";
  }
}

function openAt(directory: number, name: string, flags: number): number | string {
  const fd = libc().openat(directory, Buffer.from(`${name}\0`, "latin1"), flags);
  return fd >= 0 ? fd : lastErrorName();
}
