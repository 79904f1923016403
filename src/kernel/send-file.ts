import type { Connection } from "./connection.ts";

/**
 * Sends bytes of a file without a copy of them in this process, as far as the socket takes them now; in the clear alone. It reads the file
 * meanwhile: what is not in the system's memory holds up the loop as long as the disk takes.
 *
 * @returns how many bytes have been sent; 0 when `Connection.write` has to.
 */
export function sendFile(connection: Connection, fd: number, position: number, byteCount: number): number {
  if (connection.isClosing || connection.tls !== null) return 0;
  connection.flush();
  return connection.outputBytes > 0 ? 0 : connection.outbox.sendFile(fd, position, byteCount);
}

/** Has `onDrain` called once less than the low-water mark waits, as if the high one had been passed: for who sends on from a file then. */
export function expectDrain(connection: Connection): void {
  if (!connection.isClosing) connection.outbox.expectDrain();
}
