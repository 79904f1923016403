/**
 * Resolves when everything that had arrived on the sockets of this process by now has been read: an end comes a turn behind what was said before
 * it. A client that stood still, with its machine, sends its next request behind this: the connection may have been closed meanwhile.
 */
export async function untilRead(): Promise<void> {
  for (let turn = 0; turn < 2; turn++) await new Promise<void>((resolve) => void setImmediate(resolve));
}
