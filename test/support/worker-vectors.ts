import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { RouteAnnouncement } from "../../src/protocols/worker/route-announcement.ts";

/** `spec/vectors/worker/README.md` says what the members mean. */
interface Vector {
  readonly name: string;
  readonly requirement: string;
  readonly hex: string;
}

export interface RequestVector extends Vector {
  readonly received: {
    readonly method: string;
    readonly target: string;
    readonly path: string;
    readonly query: string;
    readonly authority: string;
    readonly fields: readonly (readonly [string, string])[];
  };
  readonly decoded: {
    readonly id: number;
    readonly worker_id: number;
    readonly timeout_ms: number;
    readonly runtime_version: string;
    readonly remote_addr: string;
    readonly scheme: "http" | "https";
    readonly body: string;
    readonly [key: string]: unknown;
  };
}

/** `match`: table, index, values. */
interface ShortRequestExtras {
  readonly route?: string;
  readonly params?: Readonly<Record<string, string>>;
  readonly match?: readonly [table: number, index: number, ...values: string[]];
}

/** `decoded.request`: method, path, query, fields, connection, extras, body. */
export interface ShortRequestVector extends Vector {
  readonly received: RequestVector["received"];
  readonly decoded: {
    readonly id: number;
    readonly request: readonly [
      method: string,
      path: string,
      query: string,
      fields: readonly (readonly [string, string])[],
      connection: string,
      extras: ShortRequestExtras | null,
      body: string,
    ];
  };
}

export interface ResponseVector extends Vector {
  readonly response?: {
    readonly id: number;
    readonly status: number;
    readonly fields: readonly (readonly [string, string])[];
    readonly body: string;
    readonly error: string | null;
    readonly usage: {
      readonly req_count: number;
      readonly mem_usage: number;
      readonly mem_peak: number;
      readonly recycle: boolean;
    };
  };
  readonly refused?: { readonly id: number };
}

export interface FaultVector extends Vector {
  readonly fault: string;
}

export interface HelloVector extends Vector {
  readonly hello: {
    readonly level: number;
    readonly sdk: string;
    readonly features: readonly string[];
    readonly concurrency: number;
    readonly routes?: RouteAnnouncement;
  };
}

/** Frames of a worker whose hello named the features `stream` and `trailers`. */
export interface StreamVector extends Vector {
  readonly parts?: readonly {
    readonly part: "interim" | "head" | "chunk" | "end" | "response";
    readonly id: number;
    readonly status?: number;
    readonly fields?: readonly (readonly [string, string])[];
    readonly body?: string;
    readonly error?: string | null;
    readonly trailers?: readonly (readonly [string, string])[];
    readonly trailersError?: boolean;
  }[];
  readonly refused?: { readonly part: string; readonly id: number };
  readonly fault?: string;
}

export interface ControlVector extends Vector {
  readonly decoded: { readonly [key: string]: string | number | boolean | readonly string[] };
}

/** A frame without an id, of a worker whose hello named the features `stream` and `ping`. */
export interface NoticeVector extends Vector {
  readonly notice?: { readonly type: "pong"; readonly n: number };
  readonly fault?: string;
}

/** Frames of a worker whose hello named the feature `request_stream`. */
export interface CreditVector extends Vector {
  readonly credit?: { readonly id: number; readonly bytes: number };
  readonly fault?: string;
}

/** An event of a WebSocket; `received` is the request of an open. */
export interface EventVector extends Vector {
  readonly received?: RequestVector["received"];
  readonly decoded: {
    readonly id: number;
    readonly worker_id: number;
    readonly timeout_ms: number;
    readonly runtime_version: string;
    readonly type: "ws_open" | "ws_message" | "ws_close";
    readonly socket: string;
    readonly [key: string]: unknown;
  };
}

/** Frames of a worker whose hello named the features `websocket` and `actions`. */
export interface AnswerVector extends Vector {
  readonly event?: {
    readonly actions: readonly Readonly<Record<string, unknown>>[];
    readonly protocol: string | null;
    readonly state: string | null;
  };
  readonly error?: string;
  readonly actions?: readonly Readonly<Record<string, unknown>>[] | string;
  readonly fault?: string;
}

/** A frame of a WebSocket that its worker holds. */
export interface SessionVector extends Vector {
  readonly action?: Readonly<Record<string, string | number | boolean | null>>;
  readonly fault?: string;
}

interface Files {
  readonly credits: CreditVector;
  readonly events: EventVector;
  readonly answers: AnswerVector;
  readonly requests: RequestVector;
  readonly "short-requests": ShortRequestVector;
  readonly responses: ResponseVector;
  readonly faults: FaultVector;
  readonly hellos: HelloVector;
  readonly control: ControlVector;
  readonly streams: StreamVector;
  readonly notices: NoticeVector;
  readonly sessions: SessionVector;
}

/** The vectors of one file of `spec/vectors/worker/`. */
export function readVectors<Name extends keyof Files>(name: Name): readonly Files[Name][] {
  const path = join(import.meta.dir, "..", "..", "spec", "vectors", "worker", `${name}.json`);
  return (JSON.parse(readFileSync(path, "utf8")) as { readonly vectors: readonly Files[Name][] }).vectors;
}
