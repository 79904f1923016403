import { describe, expect, test } from "bun:test";
import { NAMED_VARIABLES, parseAccessFormat } from "../../config/types/access-format.ts";
import { AccessLine } from "./access-line.ts";
import type { AccessRecord } from "./access-record.ts";
import { escapingOf, lineParts } from "./line-parts.ts";
import { UnreadableFacts } from "./request-facts.ts";

const NOTHING_KNOWN: AccessRecord = {
  app: null,
  user: null,
  outcome: "refused",
  status: 0,
  bodyBytes: 0,
  arrivedMs: 0,
  durationMs: 0,
  firstByteMs: -1,
  queueMs: -1,
  workMs: -1,
};

describe("lineParts", () => {
  test.each([
    ["json", "json"],
    ['{"a":"$status"}', "json"],
    [' {"a":1}', "json"],
    ["$status {}", "octets"],
    ["combined", "octets"],
  ] as const)("%s is escaped for %s", (format, escaping) => {
    expect(escapingOf(parseAccessFormat(format)!)).toBe(escaping);
  });

  test.each(Object.keys(NAMED_VARIABLES))("$%s says something of every request, or that it is absent", (name) => {
    const line = new AccessLine(parseAccessFormat(`<$${name}>`)!);
    const facts = new UnreadableFacts({ status: 400, client: "192.0.2.1:4711", httpMajor: 1 });
    const { bytes, end } = line.render(line.capture(facts), NOTHING_KNOWN);
    expect(bytes.toString("latin1", 0, end)).toMatch(/^<[ -~]+>\n$/);
  });

  test("text stands as it is, and what the outcome says comes late", () => {
    const kinds = lineParts(parseAccessFormat("a $request_uri $status")!).map((part) =>
      typeof part === "string" ? part : Object.keys(part)[0],
    );
    expect(kinds).toEqual(["a ", "early", " ", "late"]);
  });
});
