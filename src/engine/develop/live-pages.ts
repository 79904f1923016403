import type { Exchange, ExchangeHandler } from "../../http/exchange.ts";
import type { ResponseStream } from "../../http/response-stream.ts";
import { fieldBlockOf } from "../../protocols/http/field-list.ts";
import type { DevelopmentProblem } from "./problem.ts";

/** So that browsers ask again soon when a front is replaced. */
const RETRY_MS = 300;

/** More pages than a developer opens; who comes beyond is refused. */
const PAGE_COUNT_MAX = 200;

/** The pages that are open in browsers, and what they should show. */
export class LivePages {
  /** Another one after a restart: pages of the one before load again. */
  readonly #id: string = crypto.randomUUID();
  #version = 0;
  readonly #followers = new Set<ResponseStream>();
  #isClosed = false;
  /** Why pages show an error in the place of what they are. */
  problem: DevelopmentProblem | null = null;

  /** Has every page loaded again. */
  refresh(problem: DevelopmentProblem | null): void {
    this.problem = problem;
    this.#version++;
    for (const stream of this.#followers) this.#tell(stream);
  }

  /** Answers a page that wants to be told. */
  follow(exchange: Exchange): ExchangeHandler {
    let stream: ResponseStream | null = null;
    return {
      onRequest: () => {
        if (this.#isClosed || this.#followers.size >= PAGE_COUNT_MAX) {
          exchange.refuse(503);
          return;
        }
        const fields = fieldBlockOf([
          ["Content-Type", "text/event-stream"],
          ["Cache-Control", "no-store"],
        ]);
        stream = exchange.begin({ status: 200, fields }, () => {});
        if (stream === null) return;
        this.#followers.add(stream);
        this.#tell(stream);
      },
      onClientEnd: () => "drop",
      onAbandoned: () => {
        if (stream !== null) this.#followers.delete(stream);
      },
    };
  }

  /** Ends every stream, so that a stop does not wait for them. */
  close(): void {
    this.#isClosed = true;
    for (const stream of this.#followers) stream.end();
    this.#followers.clear();
  }

  #tell(stream: ResponseStream): void {
    const event = Buffer.from(`retry: ${RETRY_MS}\ndata: ${this.#id}-${this.#version}\n\n`);
    stream.write(event, 0, event.length);
  }
}
