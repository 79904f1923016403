import { type BigIntStats, fstatSync } from "node:fs";

/** What tells one state of a file from another. */
export interface FileStamp {
  readonly device: bigint;
  readonly inode: bigint;
  readonly byteLength: number;
  readonly modifiedNs: bigint;
  readonly changedNs: bigint;
}

/** Milliseconds a file must have been left alone before its time vouches for its bytes: clocks of file systems tick in steps, some in seconds. */
const SETTLED_MS = 2_000;

/** What kind of thing an open descriptor is, and which state it is in. */
export function inspect(fd: number): { readonly kind: "file" | "directory" | "other"; readonly stamp: FileStamp } {
  const stats = fstatSync(fd, { bigint: true });
  const kind = stats.isFile() ? "file" : stats.isDirectory() ? "directory" : "other";
  return { kind, stamp: stampOf(stats) };
}

/** Whether nothing has touched the file between the two. */
export function isSameStamp(a: FileStamp, b: FileStamp): boolean {
  return (
    a.modifiedNs === b.modifiedNs &&
    a.byteLength === b.byteLength &&
    a.inode === b.inode &&
    a.changedNs === b.changedNs &&
    a.device === b.device
  );
}

/** Whether its bytes can no longer change without its time doing so, too. RFC 9110 §8.8.1. */
export function isSettled(stamp: FileStamp, nowMs: number): boolean {
  return nowMs - Number(stamp.modifiedNs / 1_000_000n) >= SETTLED_MS;
}

/**
 * The same on every machine that has the file with its time: no inode in it. The coding is in it, for a sibling may agree in time and size
 * with what it stands for.
 */
export function etagOf({ modifiedNs, byteLength }: FileStamp, coding: string | null, isStrong: boolean): string {
  const suffix = coding === null ? "" : `-${coding}`;
  return `${isStrong ? "" : "W/"}"${modifiedNs.toString(16)}-${byteLength.toString(16)}${suffix}"`;
}

function stampOf({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): FileStamp {
  return { device: dev, inode: ino, byteLength: Number(size), modifiedNs: mtimeNs, changedNs: ctimeNs };
}
