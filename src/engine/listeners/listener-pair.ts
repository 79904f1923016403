import { HttpCounters } from "../../http/http-counters.ts";
import type { TrafficCounts } from "../../http/traffic.ts";
import type { HttpListener } from "../../http/http-listener.ts";
import type { FurtherSocket } from "../../kernel/listener.ts";
import type { TlsCredentialsOptions } from "../../kernel/tls-credentials.ts";

/** What a front has to do with a listener, whatever it listens on. In the order of a stop. */
export type ServingListener = Pick<
  HttpListener,
  | "connectionCount"
  | "refusedCount"
  | "bodyMemoryBytes"
  | "counters"
  | "traffic"
  | "replaceCredentials"
  | "acceptAlsoOn"
  | "stopListening"
  | "announceClose"
  | "stopQueueing"
  | "stopAccepting"
  | "whenEmpty"
  | "closeConnections"
>;

type UdpListener = Omit<ServingListener, "traffic" | "acceptAlsoOn">;

/** One listener of the configuration that is two: TCP and UDP under one port number. */
export class ListenerPair implements ServingListener {
  readonly #both: readonly [ServingListener, UdpListener];

  constructor(overTcp: ServingListener, overUdp: UdpListener) {
    this.#both = [overTcp, overUdp];
  }

  get connectionCount(): number {
    const [overTcp, overUdp] = this.#both;
    return overTcp.connectionCount + overUdp.connectionCount;
  }

  get refusedCount(): number {
    const [overTcp, overUdp] = this.#both;
    return overTcp.refusedCount + overUdp.refusedCount;
  }

  get bodyMemoryBytes(): number {
    const [overTcp, overUdp] = this.#both;
    return overTcp.bodyMemoryBytes + overUdp.bodyMemoryBytes;
  }

  /** Of both together, as they are now. */
  get counters(): HttpCounters {
    const [{ counters: overTcp }, { counters: overUdp }] = this.#both;
    const sum = new HttpCounters();
    for (const name of Object.keys(sum) as (keyof HttpCounters)[]) sum[name] = overTcp[name] + overUdp[name];
    return sum;
  }

  /** Of TCP alone: the runtime keeps that of QUIC to itself. */
  get traffic(): TrafficCounts {
    return this.#both[0].traffic;
  }

  /** @throws {TlsCredentialsError} and both go on with those they had: both prove them before they change anything. */
  replaceCredentials(options: TlsCredentialsOptions): void {
    for (const listener of this.#both) listener.replaceCredentials(options);
  }

  /** Of TCP: the runtime binds UDP by itself. */
  acceptAlsoOn(fd: number): FurtherSocket {
    return this.#both[0].acceptAlsoOn(fd);
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
