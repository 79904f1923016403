/**
 * What tracing costs a request, alone on one core: `bun bench/micro/tracing.ts`. The fastest round is what the code can do undisturbed.
 */
import type { Exchange } from "../../src/http/exchange.ts";
import { RequestTracer, type TracedFacts } from "../../src/http/watch/request-tracer.ts";
import { encodeSpans, type Span } from "../../src/telemetry/tracing/span.ts";
import { buildRequestHead } from "../../test/support/build-request-head.ts";

const ROUND_COUNT = 15;
const BATCH_SPAN_COUNT = 512;

const head = buildRequestHead({
  method: "GET",
  target: "/orders/42",
  path: "/orders/42",
  query: "",
  authority: "localhost",
  fields: [
    ["Host", "localhost"],
    ["User-Agent", "bench"],
    ["Accept", "*/*"],
    ["Accept-Encoding", "gzip, br"],
    ["Accept-Language", "en"],
    ["Cookie", "session=0f3a9b2c7d514e86"],
  ],
});
const { fields } = head;
/** What a tracer looks at of one. */
const exchange = { head } as Exchange;

const facts: TracedFacts = {
  arrivedMs: 1_700_000_000_000.25,
  method: "GET",
  path: "/orders/42",
  httpMajor: 1,
  app: "shop",
  status: 200,
  outcome: "answered",
  durationMs: 3,
  firstByteMs: 3,
  queueMs: 1,
  workMs: 1,
};

const spans: Span[] = [];
const exporter = { add: (list: readonly Span[]): void => void spans.push(...list) };
const common = { exporter, isFollowed: true, random: Math.random };
const never = new RequestTracer({ ...common, sampleShare: 0 });
const always = new RequestTracer({ ...common, sampleShare: 1 });

measure("a request that is not traced", 50_000, () => void never.begin(exchange));
measure("a request that is traced", 2_000, () => {
  head.fields = fields;
  always.begin(exchange)?.end(facts);
});
const batch = spans.slice(0, BATCH_SPAN_COUNT);
measure("a span, written in a batch", 20, () => void encodeSpans(batch, { "service.name": "shop" }, "0"), batch.length);

function measure(name: string, passCount: number, run: () => void, unitCount = 1): void {
  let fastestMs = Infinity;
  for (let round = 0; round < ROUND_COUNT; round++) {
    const startedMs = performance.now();
    for (let pass = 0; pass < passCount; pass++) run();
    fastestMs = Math.min(fastestMs, performance.now() - startedMs);
  }
  console.log(`${name.padEnd(32)} ${((fastestMs * 1_000) / passCount / unitCount).toFixed(3)} µs`);
}
