import type { Connection } from "../kernel/connection.ts";
import type { ConnectionHandler } from "../kernel/connection-handler.ts";
import { Listener } from "../kernel/listener.ts";
import { unobserved } from "../kernel/monitor.ts";
import type { TimerWheel } from "../kernel/timer-wheel.ts";
import { directoryError, WorkerStartError } from "./process/worker-start-error.ts";

/** What `sun_path` holds on Linux, its terminating zero left out. unix(7). */
const SOCKET_PATH_BYTES_MAX = 107;

/** @throws {WorkerStartError} when `path` is too long for a Unix socket. */
export function checkSocketPath(path: string): void {
  const byteLength = Buffer.byteLength(path);
  if (byteLength <= SOCKET_PATH_BYTES_MAX) return;
  const message = `Cannot listen on ${path}: the path has ${byteLength} bytes, at most ${SOCKET_PATH_BYTES_MAX} are allowed`;
  throw new WorkerStartError("VILYA_WORKER_DIRECTORY_UNUSABLE", message);
}

/**
 * Listens for the one connection of a process that is about to start, and stops when that is there.
 *
 * @throws {WorkerStartError} when no socket can be made at `path`.
 */
export function listenOnce(
  path: string,
  wheel: TimerWheel,
  accept: (connection: Connection) => ConnectionHandler,
): Listener {
  checkSocketPath(path);
  try {
    const listener = new Listener({
      address: { path },
      wheel,
      monitor: unobserved,
      // A worker that reads nothing is bounded by the request timeout.
      stallMs: 0,
      connectionCountMax: 1,
      accept: (connection) => {
        listener.stop();
        return accept(connection);
      },
    });
    return listener;
  } catch (error) {
    throw directoryError(path, error);
  }
}
