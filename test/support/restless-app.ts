import type { ResponseStream } from "../../src/http/response-stream.ts";
import { fieldBlockOf } from "../../src/protocols/http/field-list.ts";
import type { ReceivedRequest } from "./http-server.ts";
import type { SeededRandom } from "./seeded-random.ts";

/** What the app answers to `/number`: as long as the number says. */
export function expectedBody(number: number): string {
  return `${number},`.repeat(number * 97).slice(0, number * 331);
}

function numberOf(request: ReceivedRequest): number {
  return Number(request.target.slice(1));
}

/** An app that answers whole, in parts, early, late, or not at all. */
export class RestlessApp {
  readonly #bodies = new Map<ReceivedRequest, { readonly stream: ResponseStream; sent: number }>();
  /** Requests whose content it reads. */
  readonly #read = new Set<ReceivedRequest>();
  readonly #random: SeededRandom;

  constructor(random: SeededRandom) {
    this.#random = random;
  }

  act(requests: readonly ReceivedRequest[]): void {
    const request = requests[this.#random.below(Math.max(1, requests.length))];
    if (request === undefined) return;
    const under = this.#bodies.get(request);
    if (under !== undefined) this.#write(request, under, this.#random.below(20_000));
    else if (!request.exchange.isEnded) this.#begin(request);
    if (this.#read.has(request)) request.stream!.grant(this.#random.below(500));
  }

  /** Answers everybody. */
  finish(requests: readonly ReceivedRequest[]): void {
    for (const request of requests) {
      if (!this.#bodies.has(request) && !request.exchange.isEnded) this.#begin(request);
      const under = this.#bodies.get(request);
      if (under !== undefined) this.#write(request, under, Infinity);
      if (this.#read.has(request)) request.stream!.grant(1_000_000);
    }
  }

  #begin(request: ReceivedRequest): void {
    if (request.stream !== null) {
      this.#read.add(request);
      request.stream.open(request, 10);
    }
    if (this.#random.below(3) === 0) {
      request.answer(expectedBody(numberOf(request)));
      return;
    }
    const stream = request.exchange.begin({ status: 200, fields: fieldBlockOf([]) }, () => {});
    if (stream !== null) this.#bodies.set(request, { stream, sent: 0 });
  }

  #write(request: ReceivedRequest, under: { stream: ResponseStream; sent: number }, byteCount: number): void {
    const bytes = Buffer.from(expectedBody(numberOf(request)));
    const end = Math.min(bytes.length, under.sent + byteCount);
    under.stream.write(bytes, under.sent, end);
    under.sent = end;
    if (end < bytes.length) return;
    under.stream.end();
    this.#bodies.delete(request);
  }
}
