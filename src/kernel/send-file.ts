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

/**
 * Holds back (`isOn`) what fills no segment, or lets it go, in the clear alone: so a head leaves with the first bytes of the file behind it, and
 * the rest in full segments. The system lets go by itself after 200 ms. TCP_CORK, tcp(7)
 */
export function cork(connection: Connection, isOn: boolean): void {
  if (!connection.isClosing && connection.tls === null) connection.outbox.cork(isOn);
}

/**
 * Has `onDrain` called once no more than `lowWaterBytes` wait, 64 KiB by default, as if the high-water mark had been passed: for who sends on from
 * a file then.
 */
export function expectDrain(connection: Connection, lowWaterBytes?: number): void {
  if (!connection.isClosing) connection.outbox.expectDrain(lowWaterBytes);
}
