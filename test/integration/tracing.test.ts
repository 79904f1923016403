import { describe, expect, test } from "bun:test";
import { join } from "node:path";

import { outcomeOf, phpApp } from "../support/php-app.ts";
import { until } from "../support/until.ts";
import { startVilya } from "../support/vilya.ts";

const SHOW_REQUEST = { worker_script: join(import.meta.dir, "../support/workers/show-request.php") };

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT = "00f067aa0ba902b7";

interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
}

interface OtlpRequest {
  readonly resourceSpans: readonly { readonly scopeSpans: readonly { readonly spans: readonly ReceivedSpan[] }[] }[];
}

/** An OTLP collector, and the spans that it was sent. */
function collector() {
  const spans: ReceivedSpan[] = [];
  const server = Bun.serve({
    port: 0,
    async fetch(request) {
      if (new URL(request.url).pathname !== "/v1/traces") return new Response(null, { status: 404 });
      const { resourceSpans } = (await request.json()) as OtlpRequest;
      spans.push(...resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((each) => each.spans)));
      return Response.json({ partialSuccess: {} });
    },
  });
  return { spans, endpoint: `http://127.0.0.1:${server.port}`, [Symbol.asyncDispose]: () => server.stop(true) };
}

/** What a worker was told. */
async function traceparentSeen(url: string, headers: Readonly<Record<string, string>>): Promise<string | undefined> {
  const request = (await (await fetch(`${url}/`, { headers })).json()) as { headers: Record<string, string[]> };
  return request.headers["Traceparent"]?.[0];
}

describe("Tracing", () => {
  test("sends the spans of a request, and has its worker's hang below them", async () => {
    await using otlp = collector();
    await using server = await startVilya({
      config: phpApp({ php: SHOW_REQUEST, tracing: { endpoint: otlp.endpoint, sample: "100%" } }),
    });
    const seen = await traceparentSeen(server.url, { traceparent: `00-${TRACE}-${PARENT}-01` });
    const spans = await until("the spans", () => (otlp.spans.length >= 4 ? otlp.spans : null));
    const named = (name: string): ReceivedSpan | undefined => spans.find((each) => each.name === name);
    expect(spans.map(({ name }) => name)).toEqual(["GET", "receive", "queue", "worker"]);
    expect(named("GET")).toMatchObject({ traceId: TRACE, parentSpanId: PARENT });
    const rootId = named("GET")?.spanId ?? "";
    for (const name of ["receive", "queue", "worker"]) expect(named(name)?.parentSpanId).toBe(rootId);
    expect(seen).toBe(`00-${TRACE}-${named("worker")?.spanId}-01`);
  });

  test("traces what its caller has decided on, and its own share of the rest", async () => {
    await using otlp = collector();
    await using server = await startVilya({
      config: phpApp({ php: SHOW_REQUEST, tracing: { endpoint: otlp.endpoint, sample: 0 } }),
    });
    const unsampled = `00-${TRACE}-${PARENT}-00`;
    expect(await traceparentSeen(server.url, {})).toBeUndefined();
    expect(await traceparentSeen(server.url, { traceparent: unsampled })).toBe(unsampled);
    expect(await traceparentSeen(server.url, { traceparent: `00-${TRACE}-${PARENT}-01` })).toStartWith(`00-${TRACE}-`);
    await until("the spans", () => otlp.spans.length === 4);
    expect(new Set(otlp.spans.map(({ traceId }) => traceId))).toEqual(new Set([TRACE]));
  });

  test("begins a trace of its own where callers are not believed", async () => {
    await using otlp = collector();
    const tracing = { endpoint: otlp.endpoint, sample: 100, follow: false };
    await using server = await startVilya({ config: phpApp({ php: SHOW_REQUEST, tracing }) });
    const seen = await traceparentSeen(server.url, { traceparent: `00-${TRACE}-${PARENT}-00` });
    expect(seen).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
    expect(seen).not.toContain(TRACE);
  });

  test("lets no request feel a collector that is away, or does not answer, and sends what is left at the end", async () => {
    using silent = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
    for (const endpoint of ["http://127.0.0.1:9", `http://127.0.0.1:${silent.port}`]) {
      await using server = await startVilya({ config: phpApp({ tracing: { endpoint, sample: 100 } }) });
      for (let count = 0; count < 20; count++) expect(await outcomeOf(`${server.url}/pid`)).toStartWith("200 ");
      if (endpoint.endsWith(":9")) await server.logged("spans not taken by the collector");
      const startedMs = performance.now();
      await server.stop();
      expect(performance.now() - startedMs).toBeLessThan(20_000);
    }
    await using otlp = collector();
    const server = await startVilya({ config: phpApp({ tracing: { endpoint: otlp.endpoint, sample: 100 } }) });
    await outcomeOf(`${server.url}/pid`);
    await server[Symbol.asyncDispose]();
    expect(otlp.spans.length).toBe(4);
  });

  test("refuses an endpoint that is none, and shows no header", async () => {
    await using wrong = await startVilya({ config: { tracing: { endpoint: "localhost:4318" } }, waitFor: "exit" });
    expect((await wrong.stop(null)).stderr).toContain("tracing.endpoint");
    const config = { tracing: { endpoint: "http://127.0.0.1:9", headers: { Authorization: "secret" } } };
    await using server = await startVilya({ config });
    expect(JSON.stringify(server.log)).not.toContain("secret");
  });
});
