/**
 * Processor time of a Python process a request, in the kernel and outside, where it gets so many requests at once: a worker of Vilya over its
 * socket, without the engine, and uvicorn over as many connections. On a machine with other work it says what requests a second cannot.
 *
 *     npm run bench -- python-worker [--rounds 9] [--only json,echo] [--batches 1,16,64]
 */
import { join } from "node:path";
import { parseArgs } from "node:util";

import { encodeShortRequest } from "../src/protocols/worker/short-request-encoder.ts";
import { buildRequestHead } from "../test/support/build-request-head.ts";
import { findTestPython } from "../test/support/python.ts";
import { startUvicorn } from "./contenders/python-servers.ts";
import { HttpPeer } from "./lib/http-peer.ts";
import { processorTimeUs } from "./lib/processor-time.ts";
import { renderSummary, summarize } from "./lib/summary.ts";
import { WorkerPeer } from "./lib/worker-peer.ts";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "9" },
    only: { type: "string", default: "json,large,echo,fastapi" },
    batches: { type: "string", default: "1,16,64" },
  },
});

const REQUESTS_A_ROUND = 4_096;
const FIELDS = [
  ["Host", "127.0.0.1:8000"],
  ["User-Agent", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36"],
  ["Accept", "application/json, text/plain, */*"],
  ["Accept-Encoding", "gzip, deflate, br, zstd"],
  ["Cookie", "session=3f9c1a7be2d84c60; theme=dark"],
] as const;

const ROWS: Readonly<Record<string, { app: "raw" | "fast"; path: string; body: string }>> = {
  json: { app: "raw", path: "/", body: "" },
  large: { app: "raw", path: "/large", body: "" },
  echo: { app: "raw", path: "/echo", body: "x".repeat(1024) },
  fastapi: { app: "fast", path: "/", body: "" },
};

for (const name of values.only.split(",")) {
  const row = ROWS[name];
  if (row === undefined) throw new Error(`Cannot measure ${name}: there are ${Object.keys(ROWS).join(", ")}`);
  await using worker = await startWorker(row.app);
  await using uvicorn = await startUvicorn(row.app, { isWebSocket: false });
  for (const count of values.batches.split(",").map(Number)) {
    using peer = await HttpPeer.connect(Number(new URL(uvicorn.url).port), count);
    const [frame, request] = [frameOf(row), requestOf(row)];
    const ours = await measure(worker.processId, count, async (times) => {
      for (let time = 0; time < times; time++) await worker.ask(frame, count);
    });
    const theirs = await measure(uvicorn.processId, count, async (times) => {
      for (let time = 0; time < times; time++) await peer.ask(request);
    });
    console.log(`${name}, ${count} at once, µs a request   min / median / max of ${values.rounds}`);
    console.log(`  Vilya    ${renderSummary(summarize(ours), 1)}`);
    console.log(`  uvicorn  ${renderSummary(summarize(theirs), 1)}`);
  }
}

async function measure(processId: number, count: number, ask: (times: number) => Promise<void>): Promise<number[]> {
  const times = REQUESTS_A_ROUND / count;
  await ask(times);
  const costs: number[] = [];
  for (let round = 0; round < Number(values.rounds); round++) {
    const beforeUs = processorTimeUs(processId);
    await ask(times);
    costs.push((processorTimeUs(processId) - beforeUs) / (times * count));
  }
  return costs;
}

function startWorker(app: string): Promise<WorkerPeer> {
  const path = [join(import.meta.dir, "../sdk/python/src"), join(import.meta.dir, "python")].join(":");
  return WorkerPeer.start((socket) => [findTestPython(), "-m", "vilya", `servers:${app}`, "--sock", socket], {
    env: { PYTHONPATH: path, PYTHONDONTWRITEBYTECODE: "1" },
  });
}

function fieldsOf(body: string): (readonly [string, string])[] {
  return body === "" ? [...FIELDS] : [...FIELDS, ["Content-Length", String(body.length)]];
}

function frameOf({ path, body }: { path: string; body: string }): Buffer {
  const method = body === "" ? "GET" : "POST";
  const head = buildRequestHead({ method, target: path, path, query: "", authority: "a", fields: fieldsOf(body) });
  const frame = encodeShortRequest(head, {
    remoteAddress: Buffer.from("127.0.0.1:50000"),
    scheme: "http",
    connection: { httpVersion: "1.1", serverAddress: Buffer.from("127.0.0.1:8000") },
    bodyBytes: body.length,
  });
  return Buffer.concat([frame, Buffer.from(body)]);
}

function requestOf({ path, body }: { path: string; body: string }): Buffer {
  const lines = [`${body === "" ? "GET" : "POST"} ${path} HTTP/1.1`, ...fieldsOf(body).map((pair) => pair.join(": "))];
  return Buffer.from(`${lines.join("\r\n")}\r\n\r\n${body}`);
}
