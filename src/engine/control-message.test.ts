import { describe, expect, test } from "bun:test";
import { ControlMessageError, parseFrontMessage, parseMasterMessage } from "./control-message.ts";

describe("Control messages", () => {
  test("each end understands what the other one says", () => {
    expect(parseMasterMessage('{"kind":"ping"}')).toEqual({ kind: "ping" });
    expect(parseFrontMessage('{"kind":"worker-exited","pid":7}')).toEqual({ kind: "worker-exited", pid: 7 });
  });

  test.each([
    ["the other direction", '{"kind":"pong"}'],
    ["an unknown kind", '{"kind":"dance"}'],
    ["a kind that is a property of every object", '{"kind":"constructor"}'],
    ["no kind", "{}"],
    ["a kind that is no text", '{"kind":1}'],
    ["null", "null"],
    ["a list", "[]"],
    ["half an object", '{"kind":"ping"'],
    ["nothing", ""],
  ])("%s is refused", (_, line) => {
    expect(() => parseMasterMessage(line)).toThrow(ControlMessageError);
  });
});
