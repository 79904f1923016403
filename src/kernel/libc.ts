import { dlopen, type FFIFunction, type Pointer, read } from "bun:ffi";
import { getSystemErrorName } from "node:util";

import { VilyaError } from "../base/errors.ts";

/** The C library could not be loaded, so nothing that needs system calls of its own works. */
export class LibcNotFoundError extends VilyaError {
  readonly code = "VILYA_LIBC_NOT_FOUND";
}

/**
 * The calls of the C library that the runtime does not offer. Each returns -1 on failure, {@link lastErrorName} says why.
 * Signatures hold on Linux, glibc and musl, on 64-bit machines.
 */
export interface Libc {
  socket(domain: number, type: number, protocol: number): number;
  setsockopt(fd: number, level: number, name: number, value: Uint8Array, byteLength: number): number;
  getsockopt(fd: number, level: number, name: number, value: Uint8Array, byteLength: Uint8Array): number;
  bind(fd: number, address: Uint8Array, byteLength: number): number;
  connect(fd: number, address: Uint8Array, byteLength: number): number;
  listen(fd: number, backlog: number): number;
  getsockname(fd: number, address: Uint8Array, byteLength: Uint8Array): number;
  close(fd: number): number;
  /** 1 when `text` is an address of this family and was written to `address`, 0 when it is not. */
  inet_pton(family: number, text: Uint8Array, address: Uint8Array): number;
  /** 0 when there is no such interface. */
  if_nametoindex(name: Uint8Array): number;
  flock(fd: number, operation: number): number;
  prctl(option: number, argument: number): number;
  getppid(): number;
  waitpid(pid: number, status: Uint8Array, options: number): number;
  getrlimit(resource: number, limit: BigUint64Array): number;
  setrlimit(resource: number, limit: BigUint64Array): number;
  sched_getscheduler(pid: number): number;
  sched_setscheduler(pid: number, policy: number, parameters: Int32Array): number;
  /** For `openat2`, which C libraries have no name for yet. */
  syscall(number: number, directoryFd: number, path: Uint8Array, how: BigUint64Array, byteLength: number): number;
  sendfile(socketFd: number, fd: number, offset: BigInt64Array, byteCount: number): number;
  openat(directoryFd: number, path: Uint8Array, flags: number): number;
  prlimit64(pid: number, resource: number, limit: BigUint64Array, old: null): number;
  setpriority(which: number, who: number, niceness: number): number;
  send(fd: number, bytes: Uint8Array, byteLength: number, flags: number): number;
  fcntl(fd: number, command: number, argument: number): number;
  clock_gettime(clock: number, time: BigInt64Array): number;
}

const SYMBOLS: Record<keyof Libc | "__errno_location", FFIFunction> = {
  socket: { args: ["i32", "i32", "i32"], returns: "i32" },
  setsockopt: { args: ["i32", "i32", "i32", "ptr", "u32"], returns: "i32" },
  getsockopt: { args: ["i32", "i32", "i32", "ptr", "ptr"], returns: "i32" },
  bind: { args: ["i32", "ptr", "u32"], returns: "i32" },
  connect: { args: ["i32", "ptr", "u32"], returns: "i32" },
  listen: { args: ["i32", "i32"], returns: "i32" },
  getsockname: { args: ["i32", "ptr", "ptr"], returns: "i32" },
  close: { args: ["i32"], returns: "i32" },
  inet_pton: { args: ["i32", "ptr", "ptr"], returns: "i32" },
  if_nametoindex: { args: ["ptr"], returns: "u32" },
  flock: { args: ["i32", "i32"], returns: "i32" },
  // Variadic in C; Linux passes the arguments of both kinds in the same registers on x64 and arm64.
  prctl: { args: ["i32", "u64"], returns: "i32" },
  getppid: { args: [], returns: "i32" },
  waitpid: { args: ["i32", "ptr", "i32"], returns: "i32" },
  getrlimit: { args: ["i32", "ptr"], returns: "i32" },
  setrlimit: { args: ["i32", "ptr"], returns: "i32" },
  sched_getscheduler: { args: ["i32"], returns: "i32" },
  sched_setscheduler: { args: ["i32", "i32", "ptr"], returns: "i32" },
  // These two are variadic as well. A descriptor fits the lower half of the long that `syscall` returns.
  syscall: { args: ["i64", "i32", "ptr", "ptr", "u64"], returns: "i32" },
  // Sends less than 2 GiB at once, which fits the lower half of what it returns.
  sendfile: { args: ["i32", "i32", "ptr", "u64"], returns: "i32" },
  openat: { args: ["i32", "ptr", "i32"], returns: "i32" },
  prlimit64: { args: ["i32", "i32", "ptr", "ptr"], returns: "i32" },
  setpriority: { args: ["i32", "u32", "i32"], returns: "i32" },
  // Of a datagram, which is shorter than what the lower half of the result holds.
  send: { args: ["i32", "ptr", "u64", "i32"], returns: "i32" },
  // Variadic, too.
  fcntl: { args: ["i32", "i32", "i32"], returns: "i32" },
  clock_gettime: { args: ["i32", "ptr"], returns: "i32" },
  __errno_location: { args: [], returns: "ptr" },
};

/** Where the C library is: glibc's name, which musl's loader answers too, then musl's own names. */
const NAMES = ["libc.so.6", "libc.musl-x86_64.so.1", "libc.musl-aarch64.so.1"];

let loaded: (Libc & { __errno_location(): Pointer }) | null = null;

/**
 * The C library, loaded at the first call.
 *
 * @throws {LibcNotFoundError}
 */
export function libc(): Libc {
  return (loaded ??= load());
}

/**
 * The name of the error of the call before (`EADDRINUSE`). Ask at once: whatever the runtime does in between may fail at something, too,
 * and leave its own number there.
 */
export function lastErrorName(): string {
  loaded ??= load();
  return getSystemErrorName(-read.i32(loaded.__errno_location(), 0));
}

/** `text` as C wants it: UTF-8, ended by a zero byte. */
export function cString(text: string): Uint8Array {
  return Buffer.from(`${text}\0`);
}

function load(): Libc & { __errno_location(): Pointer } {
  const reasons: string[] = [];
  for (const name of NAMES) {
    try {
      return dlopen(name, SYMBOLS).symbols as unknown as Libc & { __errno_location(): Pointer };
    } catch (error) {
      reasons.push((error as Error).message);
    }
  }
  throw new LibcNotFoundError(`Cannot load the C library: ${reasons.join("; ")}, glibc or musl on Linux is needed`);
}
