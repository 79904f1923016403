import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Segments } from "../../src/kernel/segments.ts";
import { decodeHandshake, HANDSHAKE } from "../../src/protocols/worker/handshake.ts";
import { encodeRequest, stampRequest } from "../../src/protocols/worker/request-encoder.ts";
import { ResponseDecoder, type WorkerSink } from "../../src/protocols/worker/response-decoder.ts";
import { buildRequestHead } from "../support/build-request-head.ts";
import { type PlainResponse, plainResponse } from "../support/decode-worker-bytes.ts";
import { findTestPython } from "../support/python.ts";
import { SILENT_SINK } from "../support/silent-worker-sink.ts";

const repository = join(import.meta.dir, "..", "..");
const vectors = join(repository, "spec", "vectors", "worker");
const page = readFileSync(join(repository, "docs", "reference", "wire.md"), "utf8");

const python = findTestPython();
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
  const worker = Bun.spawn([python, workerPath, ...socketArguments(path), "--max-requests", "5"], {
    stderr: "pipe",
  });
  const [exitCode, errors] = await Promise.all([worker.exited, worker.stderr.text()]);
  listener.stop();
  return { responses, exitCode, errors };
}

describe("the worker in Python of docs/reference/wire.md", () => {
  test.each([
    ["--sock PATH", (path: string) => ["--sock", path]],
    ["--sock=PATH", (path: string) => [`--sock=${path}`]],
  ])("serves with %s and leaves with its connection", async (_, socketArguments) => {
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

  test("decodes every vector", () => {
    const check = Bun.spawnSync([python, join(import.meta.dir, "worker-vectors.py"), workerPath, vectors]);
    expect(check.stderr.toString() + check.stdout.toString()).toMatch(/^requests \d+\nevents \d+\ncontrol \d+\n$/);
  });
});
