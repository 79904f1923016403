import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Segments } from "../../src/kernel/segments.ts";
import { decodeHandshake, HANDSHAKE } from "../../src/protocols/worker/handshake.ts";
import { encodeRequest, stampRequest } from "../../src/protocols/worker/request-encoder.ts";
import { ResponseDecoder, type WorkerSink } from "../../src/protocols/worker/response-decoder.ts";
import { buildRequestHead } from "../support/build-request-head.ts";
import { type PlainResponse, plainResponse } from "../support/decode-worker-bytes.ts";
import { SILENT_SINK } from "../support/silent-worker-sink.ts";

const repository = join(import.meta.dir, "..", "..");
const vectors = join(repository, "spec", "vectors", "worker");
const page = readFileSync(join(repository, "docs", "reference", "wire.md"), "utf8");

const directory = mkdtempSync(join(tmpdir(), "vilya-wire-"));
const workerPath = join(directory, "worker.py");
writeFileSync(workerPath, /^```python\n(.*?)^```$/ms.exec(page)?.[1] ?? "");

afterAll(() => rmSync(directory, { recursive: true }));

/** What the engine's side of one connection is made of, without the engine. */
interface Peer {
  readonly responses: readonly PlainResponse[];
  readonly exitCode: number;
  readonly errors: string;
}

function request(id: number, target: string, body: string): Buffer {
  const head = buildRequestHead({
    method: "POST",
    target,
    path: target,
    query: "",
    authority: "a",
    fields: [["Host", "a"]],
  });
  const remoteAddress = Buffer.from("127.0.0.1:5");
  const facts = {
    remoteAddress,
    scheme: "http",
    timeoutMs: 30_000,
    runtimeVersion: "0.1.0",
    bodyBytes: body.length,
  } as const;
  const frame = encodeRequest(head, facts);
  stampRequest(frame, 0, id, 1);
  return Buffer.concat([frame, Buffer.from(body, "latin1")]);
}

/** Starts the page's worker, sends everything at once after its `OK`, and closes once as many responses have come back. */
async function serve(requests: readonly Buffer[], socketArguments: (path: string) => readonly string[]): Promise<Peer> {
  const path = join(directory, `${crypto.randomUUID()}.sock`);
  const segments = new Segments();
  const decoder = new ResponseDecoder({ frameBytesMax: 10 * 1024 * 1024 });
  const responses: PlainResponse[] = [];
  const sink: WorkerSink = {
    ...SILENT_SINK,
    onResponse: (response) => void responses.push(plainResponse(response)),
  };
  let isAccepted = false;
  using listener = Bun.listen({
    unix: path,
    socket: {
      open: (socket) => void socket.write(HANDSHAKE),
      data: (socket, chunk) => {
        segments.append(Buffer.from(chunk));
        if (!isAccepted && decodeHandshake(segments) === "accepted") {
          isAccepted = true;
          socket.write(Buffer.concat(requests));
        }
        decoder.decode(segments, sink);
        if (responses.length === requests.length) socket.end();
      },
    },
  });
  const worker = Bun.spawn(["python3", workerPath, ...socketArguments(path), "--max-requests", "5"], {
    stderr: "pipe",
  });
  const [exitCode, errors] = await Promise.all([worker.exited, worker.stderr.text()]);
  listener.stop();
  return { responses, exitCode, errors };
}

describe("docs/reference/wire.md", () => {
  test.each([
    ["--sock PATH", (path: string) => ["--sock", path]],
    ["--sock=PATH", (path: string) => [`--sock=${path}`]],
  ])("holds a Python worker that serves with %s and leaves with its connection", async (_, socketArguments) => {
    const long = `/${"x".repeat(300)}`;
    const { responses, exitCode, errors } = await serve(
      [request(1, "/a", ""), request(2 ** 40, long, "\xff".repeat(70_000))],
      socketArguments,
    );
    expect(errors).toBe("");
    expect(responses.map(({ id, status, fields, body, error }) => ({ id, status, fields, body, error }))).toEqual([
      {
        id: 1,
        status: 200,
        fields: [["Content-Type", "text/plain"]],
        body: "POST /a from Python, 0 bytes\n",
        error: null,
      },
      {
        id: 2 ** 40,
        status: 200,
        fields: [["Content-Type", "text/plain"]],
        body: `POST ${long} from Python, 70000 bytes\n`,
        error: null,
      },
    ]);
    expect(exitCode).toBe(0);
  });

  test("holds a Python worker that decodes every vector", () => {
    const check = Bun.spawnSync(["python3", join(import.meta.dir, "worker-vectors.py"), workerPath, vectors]);
    expect(check.stderr.toString() + check.stdout.toString()).toMatch(/^requests \d+\nevents \d+\ncontrol \d+\n$/);
  });

  test("states every requirement that a vector shows", () => {
    const files = readdirSync(vectors).filter((name) => name.endsWith(".json"));
    const shown = files.flatMap(
      (name) => readFileSync(join(vectors, name), "utf8").match(/"requirement": "[^"]+"/g) ?? [],
    );
    const missing = [...new Set(shown)].filter((member) => !page.includes(`- **${/W\d+\.\d+/.exec(member)?.[0]}** `));
    expect(files.length).toBeGreaterThan(0);
    expect(missing).toEqual([]);
  });

  test("numbers each requirement once, in order", () => {
    const numbers = Array.from(
      page.matchAll(/^- \*\*W(\d+)\.(\d+)\*\* /gm),
      ([, level, number]) => Number(level) * 1000 + Number(number),
    );
    expect(numbers).toEqual([...new Set(numbers)].toSorted((a, b) => a - b));
  });

  test("explains every code that retires a worker, and no other", () => {
    const sources = ["protocols/worker/worker-protocol-error.ts", "workers/worker-link-error.ts"];
    const codes = sources.flatMap(
      (path) => readFileSync(join(repository, "src", path), "utf8").match(/VILYA_WORKER_[A-Z_]+/g) ?? [],
    );
    const explained = Array.from(page.matchAll(/^\| `(VILYA_[A-Z_]+)` \|/gm), ([, code]) => code ?? "");
    expect(explained.toSorted()).toEqual(codes.toSorted());
  });
});
