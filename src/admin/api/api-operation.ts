import * as v from "valibot";

import type { Exchange } from "../../http/exchange.ts";
import type { AdminInstance } from "../admin-instance.ts";
import type { LiveFeed } from "../live/live-feed.ts";

/** What an operation answers: an object as JSON, text as it is. */
export interface ApiAnswer {
  readonly status: number;
  readonly body: unknown;
  readonly fields?: Readonly<Record<string, string>>;
}

/** What the description says of one status. */
export interface AnswerDescription {
  readonly description: string;
  /** Left out for text. */
  readonly schema?: v.GenericSchema;
  /** Default: JSON. */
  readonly contentType?: string;
}

/** What of a request's head an operation may look at. */
export interface ApiRequest {
  readonly query: URLSearchParams;
  readonly accept: string | null;
}

/** One operation as it is asked for and described. What refusals have in common, and the token, the description adds by itself. */
export interface ApiOperation {
  readonly method: "GET" | "POST";
  readonly path: `/${string}`;
  /** A verb and what it is done to, as the operation's title. */
  readonly summary: string;
  readonly description?: string;
  /** Of the body; `null` for none. */
  readonly input: v.GenericSchema | null;
  readonly answers: Readonly<Record<number, AnswerDescription>>;
  /** `body` is empty where there is none. @throws {SyntaxError} for a body that is no JSON. */
  readonly perform: (instance: AdminInstance, body: string, request: ApiRequest) => ApiAnswer | Promise<ApiAnswer>;
}

/** An operation whose answer goes on for as long as its client wants it to. */
export interface StreamOperation extends Omit<ApiOperation, "perform"> {
  /** Answers the exchange. @returns what to call when the client is gone; an answer instead where there is no stream. */
  readonly stream: (exchange: Exchange, feed: LiveFeed, request: ApiRequest) => (() => void) | ApiAnswer;
}

/** What an operation is written as: its input is checked before it is performed. */
export interface OperationOptions<Schema extends v.GenericSchema> extends Omit<ApiOperation, "input" | "perform"> {
  readonly input: Schema;
  readonly perform: (instance: AdminInstance, input: v.InferOutput<Schema>) => ApiAnswer | Promise<ApiAnswer>;
}

/** Makes an operation of what its body has to be; anything else is 400, with every fault named. No body at all is an empty object. */
export function operation<Schema extends v.GenericSchema>({
  perform,
  ...described
}: OperationOptions<Schema>): ApiOperation {
  return {
    ...described,
    perform: (instance, body) => {
      const given: unknown = body.trim() === "" ? {} : JSON.parse(body);
      if (typeof given !== "object" || given === null || Array.isArray(given)) throw new SyntaxError("not an object");
      const { success, output, issues } = v.safeParse(described.input, given);
      return success ? perform(instance, output) : refusal(400, issues.map(describeIssue).join("; "));
    },
  };
}

/** An answer that says why not. */
export function refusal(status: number, error: string): ApiAnswer {
  return { status, body: { error } };
}

/** What every refusal looks like. */
export const REFUSAL: v.GenericSchema<{ error: string }> = v.strictObject({ error: v.string() });

/** Says what is allowed, never what was sent: that may be anything, a secret too. */
function describeIssue(issue: v.BaseIssue<unknown>): string {
  const path = v.getDotPath(issue) ?? "the body";
  return issue.expected === "never" ? `\`${path}\` is not known` : `\`${path}\`: ${issue.expected} is allowed`;
}
