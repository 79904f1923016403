import { describe, expect, test } from "bun:test";
import { buildFieldBlock } from "../../../test/support/build-field-block.ts";
import { buildRequestHead } from "../../../test/support/build-request-head.ts";
import { RecordingLog } from "../../../test/support/recording-log.ts";
import { RecordingWriter } from "../../../test/support/recording-writer.ts";
import { Exchange } from "../../http/exchange.ts";
import { WorkerResponse } from "../../protocols/worker/worker-response.ts";
import type { Call } from "../../workers/calls/call.ts";
import { AppCall, type AppContext } from "./app-call.ts";

interface Scene {
  readonly call: AppCall;
  readonly exchange: Exchange;
  readonly writer: RecordingWriter;
  readonly log: RecordingLog;
  /** What was said to the worker's side of the stream, and to the pool. */
  readonly said: string[];
  readonly begin: (fields?: readonly (readonly [string, string])[], error?: string) => void;
  readonly chunk: (text: string) => void;
  readonly end: (error?: string) => void;
}

function open(): Scene {
  const writer = new RecordingWriter();
  const log = new RecordingLog();
  const said: string[] = [];
  const head = buildRequestHead({ method: "GET", target: "/", path: "/", query: "", authority: "a", fields: [] });
  const exchange = new Exchange(head, Buffer.from("192.0.2.1:1"), "http", writer);
  const pool = { abandon: (_call: Call) => void said.push("abandon"), submit: () => void said.push("submit") };
  const context = {
    name: "test",
    pool,
    timeoutMs: 1_000,
    runtimeVersion: "0.0.0",
    uploads: null,
    log,
  } as unknown as AppContext;
  const call = new AppCall(exchange, context);
  exchange.handler = call;
  const source = {
    grant: (byteCount: number) => void said.push(`grant ${byteCount}`),
    cancel: () => void said.push("cancel"),
  };
  const part = (body: string, error: string | null): WorkerResponse => {
    const response = new WorkerResponse();
    response.bodyBytes = Buffer.from(body, "latin1");
    response.bodyEnd = body.length;
    response.error = error;
    return response;
  };
  return {
    call,
    exchange,
    writer,
    log,
    said,
    begin: (fields = [], error) => {
      const response = Object.assign(part("", error ?? null), { fields: buildFieldBlock(fields) });
      call.onHead(response, source);
    },
    chunk: (text) => call.onChunk(part(text, null)),
    end: (error) => call.onBodyEnd(part("", error ?? null)),
  };
}

describe("AppCall and an answer in parts", () => {
  test("passes on what comes, and grants what the client has taken", () => {
    const { writer, said, begin, chunk, end } = open();
    begin();
    chunk("ab");
    writer.onTaken(2);
    chunk("c");
    end();
    expect(writer.said).toEqual(["head 200, length -1", "chunk ab", "chunk c", "end"]);
    expect(said).toEqual(["grant 2"]);
  });

  test("wants no content that does not follow the head", () => {
    const { writer, said, begin } = open();
    writer.hasContent = false;
    begin();
    expect(said).toEqual(["cancel"]);
  });

  test("answers a head that cannot be sent with a 500 whose reason is in the log alone", () => {
    const { writer, said, log, begin } = open();
    begin([], "secret");
    expect(writer.said).toEqual(["refusal 500"]);
    expect(said).toEqual(["cancel"]);
    expect(log.named("worker reported an error")[0]?.fields).toMatchObject({ error: "secret" });
  });

  test("cuts a body that gets longer than announced, and stops its source", () => {
    const { writer, said, log, begin, chunk } = open();
    begin([["Content-Length", "3"]]);
    chunk("ab");
    chunk("cd");
    expect(writer.said.slice(1)).toEqual(["chunk ab", "abort"]);
    expect(said).toEqual(["cancel"]);
    expect(log.named("worker reported an error")).toHaveLength(1);
  });

  test.each([
    ["shorter than announced", undefined, "shorter than its Content-Length"],
    ["reported as broken off", "boom", "boom"],
  ])("cuts a body that is %s", (_, error, reason) => {
    const { writer, log, begin, chunk, end } = open();
    begin([["Content-Length", "3"]]);
    chunk("ab");
    end(error);
    expect(writer.said.at(-1)).toBe("abort");
    expect(log.named("worker reported an error")[0]?.fields["error"]).toContain(reason);
  });

  test.each(["worker-lost", "timeout"] as const)("cuts a body when its call fails: %s", (kind) => {
    const { call, writer, begin } = open();
    begin();
    call.onFailure({ kind });
    expect(writer.said).toEqual(["head 200, length -1", "abort"]);
  });

  test("tells the pool when the client leaves", () => {
    const { exchange, said, begin } = open();
    begin();
    exchange.abandon();
    expect(said).toEqual(["abandon"]);
  });
});
