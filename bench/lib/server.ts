/** A server under measurement; disposing of it ends its processes. */
export interface Server extends AsyncDisposable {
  readonly url: string;
  /** The process whose memory counts. */
  readonly processId: number;
}

/** Waits until `url` answers 200. @throws after `timeoutMs`. */
export async function untilServing(url: string, timeoutMs: number = 15_000): Promise<void> {
  const endsMs = performance.now() + timeoutMs;
  while (performance.now() < endsMs) {
    const status = await fetch(url).then(
      (response) => response.status,
      () => 0,
    );
    if (status === 200) return;
    await Bun.sleep(50);
  }
  throw new Error(`Cannot measure ${url}: it does not answer within ${timeoutMs} ms`);
}

/** A TCP port of 127.0.0.1 that is free now. */
export function freePort(): number {
  using probe = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
  return probe.port;
}
