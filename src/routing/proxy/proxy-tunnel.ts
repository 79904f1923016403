import type { Duplex } from "../../http/duplex.ts";
import type { UpgradedHandler } from "../../http/response-writer.ts";

/** The WebSockets that upstreams hold and we pass on. */
export class ProxyTunnels {
  readonly #open = new Set<ProxyTunnel>();
  #isLeaving = false;

  get count(): number {
    return this.#open.size;
  }

  /** Ends every tunnel, and from now on each that is opened: what is in the middle of a message cannot be told of it in its own words. */
  leave(): void {
    this.#isLeaving = true;
    for (const tunnel of this.#open) tunnel.close();
  }

  /** @internal */
  add(tunnel: ProxyTunnel): void {
    this.#open.add(tunnel);
    if (this.#isLeaving) tunnel.close();
  }

  /** @internal */
  remove(tunnel: ProxyTunnel): void {
    this.#open.delete(tunnel);
  }
}

/** What a tunnel is made with. */
export interface ProxyTunnelOptions {
  readonly upstream: Duplex;
  /** How long neither side may send anything. */
  readonly silenceMs: number;
  readonly tunnels: ProxyTunnels;
}

/**
 * Joins a client and an upstream that have gone on to another protocol: bytes pass as they are, each way no faster than whoever takes them. When
 * one side ends, what it has sent still reaches the other, which then ends too.
 */
export class ProxyTunnel {
  readonly #silenceMs: number;
  readonly #tunnels: ProxyTunnels;
  readonly #upstream: TunnelEnd;
  #client: TunnelEnd | null = null;

  constructor({ upstream, silenceMs, tunnels }: ProxyTunnelOptions) {
    this.#silenceMs = silenceMs;
    this.#tunnels = tunnels;
    this.#upstream = new TunnelEnd(upstream, this);
  }

  /** What runs on the upstream's connection. */
  get upstreamEnd(): UpgradedHandler {
    return this.#upstream;
  }

  /** Makes what runs on the client's. */
  join(client: Duplex): UpgradedHandler {
    this.#client = new TunnelEnd(client, this);
    this.#tunnels.add(this);
    this.touch();
    return this.#client;
  }

  close(): void {
    this.#client?.stream.closeAfterFlush();
    this.#upstream.stream.closeAfterFlush();
  }

  /** @internal The other end of one of its ends; `null` before there is one. */
  otherThan(end: TunnelEnd): TunnelEnd | null {
    return end === this.#upstream ? this.#client : this.#upstream;
  }

  /** @internal Somebody has sent something. */
  touch(): void {
    this.#upstream.stream.setDeadline(this.#silenceMs);
  }

  /** @internal One of its ends is gone. */
  onEndGone(end: TunnelEnd): void {
    this.#tunnels.remove(this);
    this.otherThan(end)?.stream.closeAfterFlush();
  }
}

class TunnelEnd implements UpgradedHandler {
  readonly stream: Duplex;
  readonly #tunnel: ProxyTunnel;

  constructor(stream: Duplex, tunnel: ProxyTunnel) {
    this.stream = stream;
    this.#tunnel = tunnel;
  }

  onUpgraded(): void {}

  onBytes(chunk: Buffer): void {
    const other = this.#tunnel.otherThan(this)?.stream;
    if (other === undefined) return;
    this.#tunnel.touch();
    other.write(chunk, 0, chunk.length);
    // Its own time limit for what is not taken bounds the wait.
    if (other.isAboveHighWater) this.stream.pause();
  }

  onEnd(): void {
    this.#tunnel.otherThan(this)?.stream.closeAfterFlush();
  }

  onDrain(): void {
    this.#tunnel.otherThan(this)?.stream.resume();
  }

  onDeadline(): void {
    this.#tunnel.close();
  }

  onClose(): void {
    this.#tunnel.onEndGone(this);
  }
}
