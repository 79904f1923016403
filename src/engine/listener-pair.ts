import type { HttpListener } from "../http/http-listener.ts";
import type { TlsCredentialsOptions } from "../kernel/tls-credentials.ts";

/** What a front has to do with a listener, whatever it listens on. In the order of a stop. */
export type ServingListener = Pick<
  HttpListener,
  | "connectionCount"
  | "replaceCredentials"
  | "stopListening"
  | "announceClose"
  | "stopQueueing"
  | "stopAccepting"
  | "whenEmpty"
  | "closeConnections"
>;

/** One listener of the configuration that is two: TCP and UDP under one port number. */
export class ListenerPair implements ServingListener {
  readonly #both: readonly [ServingListener, ServingListener];

  constructor(overTcp: ServingListener, overUdp: ServingListener) {
    this.#both = [overTcp, overUdp];
  }

  get connectionCount(): number {
    const [overTcp, overUdp] = this.#both;
    return overTcp.connectionCount + overUdp.connectionCount;
  }

  /** @throws {TlsCredentialsError} and both go on with those they had: both prove them before they change anything. */
  replaceCredentials(options: TlsCredentialsOptions): void {
    for (const listener of this.#both) listener.replaceCredentials(options);
  }

  stopListening(): void {
    for (const listener of this.#both) listener.stopListening();
  }

  announceClose(): void {
    for (const listener of this.#both) listener.announceClose();
  }

  stopQueueing(): void {
    for (const listener of this.#both) listener.stopQueueing();
  }

  stopAccepting(): void {
    for (const listener of this.#both) listener.stopAccepting();
  }

  async whenEmpty(): Promise<void> {
    await Promise.all(this.#both.map((listener) => listener.whenEmpty()));
  }

  closeConnections(): number {
    return this.#both.reduce((count, listener) => count + listener.closeConnections(), 0);
  }
}
