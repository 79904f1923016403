import { setTimeout as pause } from "node:timers/promises";

/** Server-sent events, one in this time. */
const INTERVAL_MS = 1_000;
const REQUEST_TIMEOUT_MS = 2_000;

/** What of `GET /v1/status` is used here; docs/guides/operations.md has the rest. */
interface Status {
  readonly name: string;
  readonly version: string;
  readonly uptimeMs: number;
  readonly front: {
    readonly exchanges: readonly { readonly requests: readonly { readonly count: number }[] }[];
    readonly pools: readonly {
      readonly app: string;
      readonly workers: readonly {
        readonly pid: number | null;
        readonly state: string;
        readonly servedCount: number;
      }[];
    }[];
  } | null;
}

/** A stream of `engine` events with what the engine's admin listener tells, for as long as the client stays. */
export function engineEvents(signal: AbortSignal): Response {
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const text = `event: engine\ndata: ${JSON.stringify({ process: process.pid, engine: await readEngine() })}\n\n`;
      controller.enqueue(encoder.encode(text));
      await pause(INTERVAL_MS, undefined, { signal }).catch(() => {});
    },
  });
  return new Response(body, { headers: { "content-type": "text/event-stream", "cache-control": "no-store" } });
}

/** Without an admin listener, or with another instance's in its place, there are no figures. */
async function readEngine(): Promise<Readonly<Record<string, unknown>> | null> {
  try {
    const response = await fetch(`${process.env["ADMIN_ORIGIN"]}/v1/status`, {
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    });
    const { name, version, uptimeMs, front } = (await response.json()) as Status;
    if (name !== "demo" || front === null) return null;
    const requestCount = front.exchanges.flatMap(({ requests }) => requests).reduce((sum, { count }) => sum + count, 0);
    const pools = front.pools.map(({ app, workers }) => ({
      app,
      workers: workers.map(({ pid, state, servedCount }) => ({ pid, state, servedCount })),
    }));
    return { version, uptimeMs, requestCount, pools };
  } catch {
    return null;
  }
}
