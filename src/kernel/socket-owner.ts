/** What stands behind a socket and is told what happens on it: an {@link Arrival} first, where there is one, then a `Connection`. */
export interface SocketOwner {
  receive(chunk: Buffer): void;
  drain(): void;
  end(): void;
  socketClosed(hadError: boolean): void;
  poison(error: Error): void;
}
