import type { CallBody, CallFailure } from "../../src/workers/calls/call.ts";
import { Call } from "../../src/workers/calls/call.ts";
import { encodeRequest } from "../../src/protocols/worker/request-encoder.ts";
import type { WorkerResponse } from "../../src/protocols/worker/worker-response.ts";
import type { StreamControl } from "../../src/workers/calls/call-stream.ts";
import { buildRequestHead } from "./build-request-head.ts";

/** How a call ended: with a response, or as one of the failures. */
export type Outcome =
  | { readonly kind: "response"; readonly status: number; readonly body: string; readonly error: string | null }
  | CallFailure;

export interface TestCallOptions {
  readonly method?: string;
  /** One byte a UTF-16 unit. */
  readonly body?: string;
  /** Called as soon as the call has ended, inside of its callback. */
  readonly onEnd?: (outcome: Outcome) => void;
}

/** A call that remembers how it ended, and fails the test when it ends twice. */
export class TestCall extends Call {
  readonly outcome: Promise<Outcome>;
  /** Every end there was: more than one is an error. */
  readonly ends: Outcome[] = [];
  /** How long it took, from the making of the call on. */
  elapsedMs = 0;
  readonly #resolve: (outcome: Outcome) => void;
  readonly #startMs = performance.now();
  readonly #onEnd: ((outcome: Outcome) => void) | undefined;

  /** @param target path and query. */
  constructor(target: string, { method = "GET", body = "", onEnd }: TestCallOptions = {}) {
    const [path = "", query = ""] = target.split("?");
    const head = buildRequestHead({
      method,
      target,
      path,
      query,
      authority: "localhost",
      fields: [["Host", "localhost"]],
    });
    const remoteAddress = Buffer.from("127.0.0.1:1");
    const facts = { remoteAddress, scheme: "http", timeoutMs: 1_000, runtimeVersion: "0.0.0" } as const;
    const frame = encodeRequest(head, { ...facts, bodyBytes: body.length });
    super({
      frame,
      body: body === "" ? null : textBody(body),
      isIdempotent: method === "GET",
      isSafe: method === "GET",
    });
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    this.outcome = promise;
    this.#resolve = resolve;
    this.#onEnd = onEnd;
  }

  onResponse(response: WorkerResponse): void {
    const { status, error, bodyBytes, bodyStart, bodyEnd } = response;
    this.#end({ kind: "response", status, error, body: bodyBytes.toString("latin1", bodyStart, bodyEnd) });
  }

  onFailure(failure: CallFailure): void {
    this.#end(failure);
  }

  #end(outcome: Outcome): void {
    this.elapsedMs = performance.now() - this.#startMs;
    this.ends.push(outcome);
    if (this.ends.length > 1) throw new Error(`Cannot end a call twice: ${JSON.stringify(this.ends)}`);
    this.#resolve(outcome);
    this.#onEnd?.(outcome);
  }
}

/** A call that takes its response in parts, and lets the worker send on as soon as it has taken some while `isReading`. */
export class StreamCall extends TestCall {
  isReading = true;
  receivedBytes = 0;
  /** What it may do about its response; `null` until there is a head. */
  stream: StreamControl | null = null;

  override onHead(_head: WorkerResponse, stream: StreamControl): void {
    this.stream = stream;
  }

  override onChunk({ bodyByteLength }: WorkerResponse): void {
    this.receivedBytes += bodyByteLength;
    if (this.isReading) this.stream?.grant(bodyByteLength);
  }

  override onBodyEnd(end: WorkerResponse): void {
    this.onResponse(end);
  }
}

/** A body in memory, handed over in pieces. */
export function textBody(text: string, pieceBytes: number = 64 * 1024): CallBody {
  const bytes = Buffer.from(text, "latin1");
  return {
    byteLength: bytes.length,
    read(write) {
      for (let start = 0; start < bytes.length; start += pieceBytes) {
        write(bytes, start, Math.min(bytes.length, start + pieceBytes));
      }
    },
  };
}
