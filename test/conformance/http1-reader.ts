import { Segments } from "../../src/kernel/segments.ts";
import type { FieldBlock } from "../../src/protocols/http/field-block.ts";
import { HttpError } from "../../src/protocols/http/http-error.ts";
import { RequestHead } from "../../src/protocols/http/request-head.ts";
import { BodyDecoder, type BodySink } from "../../src/protocols/http1/body-decoder.ts";
import { HeadDecoder } from "../../src/protocols/http1/head-decoder.ts";
import type { HttpLimits } from "../../src/protocols/http1/limits.ts";
import type { ExpectedField } from "./http1-case.ts";

/** A complete request as it was decoded, with everything the head says. */
export interface ReadRequest {
  readonly method: string;
  readonly target: string;
  readonly path: string;
  readonly query: string;
  readonly host: string;
  readonly versionMinor: 0 | 1;
  readonly fields: readonly ExpectedField[];
  readonly isKeepAlive: boolean;
  readonly expectsContinue: boolean;
  readonly body: string;
  readonly trailers: readonly ExpectedField[];
}

/** Why reading has ended. */
export interface ReadRefusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

/** All that was read from one connection; comparing two of them tells whether two ways of splitting the bytes made a difference. */
export interface Reading {
  readonly requests: readonly ReadRequest[];
  readonly refusal: ReadRefusal | null;
  /** Bytes that wait for more: of an unfinished head or trailer section. */
  readonly waitingBytes: number;
  /** True inside a body. */
  readonly isBodyOpen: boolean;
}

/** Uses the codec as a connection does, without one: head, body, next head, until something is refused. */
export class Http1Reader implements BodySink {
  readonly #segments = new Segments();
  readonly #head = new RequestHead();
  readonly #heads: HeadDecoder;
  readonly #bodies: BodyDecoder;
  readonly #bodyBytesMax: number;
  readonly #requests: ReadRequest[] = [];
  #progress = 0;
  #begun: Omit<ReadRequest, "body" | "trailers"> | null = null;
  #body = "";
  #refusal: ReadRefusal | null = null;

  constructor(limits: HttpLimits, bodyBytesMax: number) {
    this.#heads = new HeadDecoder(limits);
    this.#bodies = new BodyDecoder(limits);
    this.#bodyBytesMax = bodyBytesMax;
  }

  /** `text` is latin-1. What comes after a refusal is dropped, as a closing connection does. */
  read(text: string): void {
    if (this.#refusal !== null || text === "") return;
    this.#segments.append(Buffer.from(text, "latin1"));
    try {
      while (this.#step()) {
        // Each step ends a head or a body.
      }
    } catch (error) {
      if (!(error instanceof HttpError)) throw error;
      this.#refusal = { status: error.status, code: error.code, message: error.message };
    }
  }

  finish(): Reading {
    return {
      requests: this.#requests,
      refusal: this.#refusal,
      waitingBytes: this.#refusal === null ? this.#segments.byteLength : 0,
      isBodyOpen: this.#refusal === null && !this.#bodies.isDone,
    };
  }

  onBodyBytes(bytes: Buffer, start: number, end: number): void {
    this.#body += bytes.toString("latin1", start, end);
  }

  onBodyEnd(): void {
    const { trailers } = this.#bodies;
    this.#requests.push({
      ...this.#begun!,
      body: this.#body,
      trailers: trailers === null ? [] : fieldsOf(trailers),
    });
  }

  #step(): boolean {
    if (!this.#bodies.isDone) {
      this.#bodies.decode(this.#segments, this);
      return this.#bodies.isDone;
    }
    const head = this.#head;
    const progress = this.#heads.decode(this.#segments, head, this.#progress);
    this.#progress = Math.min(progress, 0);
    if (progress < 0) return false;
    this.#segments.consume(progress);
    this.#begin(head);
    return true;
  }

  #begin(head: RequestHead): void {
    this.#body = "";
    this.#bodies.start(head, this.#bodyBytesMax);
    this.#begun = {
      method: head.method,
      target: head.target,
      path: head.path,
      query: head.query,
      host: head.authority,
      versionMinor: head.versionMinor,
      fields: fieldsOf(head.fields),
      isKeepAlive: head.isKeepAlive,
      expectsContinue: head.expectsContinue,
    };
  }
}

/** Reads `bytes` cut at `cuts`, which are offsets in ascending order. */
export function readSplit(bytes: string, cuts: readonly number[], limits: HttpLimits, bodyBytesMax: number): Reading {
  const reader = new Http1Reader(limits, bodyBytesMax);
  let from = 0;
  for (const cut of [...cuts, bytes.length]) {
    reader.read(bytes.slice(from, cut));
    from = cut;
  }
  return reader.finish();
}

function fieldsOf(block: FieldBlock): ExpectedField[] {
  return Array.from({ length: block.count }, (_, index): ExpectedField => [block.name(index), block.value(index)]);
}
