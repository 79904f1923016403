import { lstatSync, unlinkSync } from "node:fs";

import { lastErrorName, libc } from "./libc.ts";
import { encodeUnixSockaddr } from "./sockaddr.ts";

const SOCK_STREAM = 1;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;

/**
 * Removes the Unix socket that a killed process left at `path`, and nothing else: a file of another kind stays, and so does a socket on
 * which somebody listens. The kernel refuses a connection to a socket whose listener is gone, and this is how one is known.
 *
 * Two processes that do this for one path at one time may remove what the other has just bound; a lock keeps them apart where that matters.
 */
export function removeStaleSocket(path: string): void {
  const address = encodeUnixSockaddr(path);
  if (address === null || lstatSync(path, { throwIfNoEntry: false })?.isSocket() !== true) return;
  const fd = libc().socket(address.family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd === -1) return;
  const errno = libc().connect(fd, address.bytes, address.bytes.length) === -1 ? lastErrorName() : "";
  libc().close(fd);
  if (errno === "ECONNREFUSED") unlinkSync(path);
}
