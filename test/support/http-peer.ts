import type { ServerConfig } from "../../src/config/server-config.ts";
import type { HttpCounters } from "../../src/http/http-counters.ts";
import type { BodyIntake } from "../../src/http/exchange.ts";
import type { FakeClock } from "./fake-clock.ts";
import type { ReceivedRequest } from "./http-server.ts";

/** A request as every version of HTTP can carry it. */
export interface PeerRequest {
  /** Default: GET. */
  readonly method?: string;
  /** Default: `/`. */
  readonly target?: string;
  readonly fields?: readonly (readonly [name: string, value: string])[];
  /** Latin-1. Without one the request ends with its head; `inParts` leaves it to `send`, with no length announced. */
  readonly content?: string | { readonly inParts: true };
}

/** What has come of an answer by now. */
export interface PeerAnswer {
  /** 0 while there is none. */
  readonly status: number;
  /** By names in lower case; several of a name in their order. */
  readonly fields: ReadonlyMap<string, readonly string[]>;
  /** Statuses of interim responses. */
  readonly interims: readonly number[];
  /** Latin-1. */
  readonly body: string;
  /** What followed the body: `name: value`, names in lower case. */
  readonly trailers: readonly string[];
  /** `cut`: it ended in a way that cannot be mistaken for its end. */
  readonly end: "awaited" | "complete" | "cut";
}

/** One request and its answer, seen from the client. */
export interface PeerExchange {
  readonly answer: PeerAnswer;
  /** Sends the next part of a request's content. */
  send(content: string): void;
  /** Ends the content, with these trailers where the version has any. */
  end(trailers?: readonly (readonly [name: string, value: string])[]): void;
  /** Reads nothing more for now, and has the server know as its version of HTTP does. */
  pause(): void;
  /** Leaves without waiting for the rest. */
  leave(): void;
}

/** A client of one version of HTTP. */
export interface HttpPeer extends Disposable {
  /** What the client names as the authority of its requests. */
  readonly authority: string;
  ask(request?: PeerRequest): Promise<PeerExchange>;
}

/** What tests do with a listener, whatever it speaks. */
export interface BehaviourServer extends Disposable {
  readonly clock: FakeClock;
  readonly requests: readonly ReceivedRequest[];
  respond: ((request: ReceivedRequest) => void) | null;
  bodyIntake: BodyIntake;
  readonly listener: {
    readonly counters: HttpCounters;
    announceClose(): void;
    stopAccepting(): void;
    closeConnections(): number;
    whenEmpty(): Promise<void>;
  };
}

/** What a version does not carry here; docs/guides/http3.md has the list for users. */
export type HttpLoss = "raw targets" | "trailers" | "interim responses" | "visible cuts" | "lengths of streams";

/** A version of HTTP on what it runs on. */
export interface HttpVariant {
  readonly name: string;
  readonly httpMajor: 1 | 2 | 3;
  readonly scheme: "http" | "https";
  readonly losses: readonly HttpLoss[];
  readonly start: (server?: Partial<ServerConfig>) => {
    readonly server: BehaviourServer;
    readonly connect: () => Promise<HttpPeer>;
  };
}
