import { describe, expect, test } from "bun:test";
import { agreeOnDeflate, type DeflatePolicy } from "./deflate-agreement.ts";
import { parseExtensions } from "./extension-list.ts";

const FORGETFUL: DeflatePolicy = { takesOverContext: false, windowBits: 15 };
const GENEROUS: DeflatePolicy = { takesOverContext: true, windowBits: 15 };
const SMALL: DeflatePolicy = { takesOverContext: true, windowBits: 11 };

function answerTo(offers: string, policy: DeflatePolicy): string | null {
  return agreeOnDeflate(parseExtensions(offers)!, policy)?.text ?? null;
}

describe("agreeOnDeflate", () => {
  test.each([
    [GENEROUS, "permessage-deflate", "permessage-deflate"],
    [GENEROUS, "permessage-deflate; client_max_window_bits", "permessage-deflate"],
    [GENEROUS, "permessage-deflate; client_max_window_bits=10", "permessage-deflate; client_max_window_bits=10"],
    [GENEROUS, "permessage-deflate; client_max_window_bits=8", "permessage-deflate; client_max_window_bits=8"],
    [GENEROUS, 'permessage-deflate; client_max_window_bits="10"', "permessage-deflate; client_max_window_bits=10"],
    [GENEROUS, "permessage-deflate; server_max_window_bits=15", "permessage-deflate; server_max_window_bits=15"],
    [GENEROUS, "permessage-deflate; server_max_window_bits=9", "permessage-deflate; server_max_window_bits=9"],
    [GENEROUS, "permessage-deflate; server_no_context_takeover", "permessage-deflate; server_no_context_takeover"],
    [GENEROUS, "permessage-deflate; client_no_context_takeover", "permessage-deflate; client_no_context_takeover"],
    [
      FORGETFUL,
      "permessage-deflate; client_max_window_bits",
      "permessage-deflate; server_no_context_takeover; client_no_context_takeover",
    ],
    [SMALL, "permessage-deflate", "permessage-deflate; server_max_window_bits=11"],
    [
      SMALL,
      "permessage-deflate; client_max_window_bits",
      "permessage-deflate; server_max_window_bits=11; client_max_window_bits=11",
    ],
    [
      SMALL,
      "permessage-deflate; client_max_window_bits=9; server_max_window_bits=10",
      "permessage-deflate; server_max_window_bits=10; client_max_window_bits=9",
    ],
    [GENEROUS, "x-webkit-deflate-frame, permessage-deflate", "permessage-deflate"],
  ])("%j: %s is answered %s", (policy, offers, answer) => {
    expect(answerTo(offers, policy)).toBe(answer);
  });

  test.each([
    "",
    "permessage-bzip2",
    "permessage-deflate; unknown",
    "permessage-deflate; server_no_context_takeover=1",
    "permessage-deflate; client_no_context_takeover=true",
    "permessage-deflate; server_no_context_takeover; server_no_context_takeover",
    "permessage-deflate; server_max_window_bits",
    "permessage-deflate; server_max_window_bits=7",
    "permessage-deflate; server_max_window_bits=8",
    "permessage-deflate; server_max_window_bits=16",
    "permessage-deflate; server_max_window_bits=09",
    "permessage-deflate; client_max_window_bits=7",
    "permessage-deflate; client_max_window_bits=1e1",
  ])("declines %j", (offers) => {
    expect(answerTo(offers, GENEROUS)).toBe(null);
  });

  test("takes the client's second choice when the first cannot be met", () => {
    expect(answerTo("permessage-deflate; server_max_window_bits=8, permessage-deflate", GENEROUS)).toBe(
      "permessage-deflate",
    );
  });

  test("says in figures what it says in text", () => {
    const offers = parseExtensions(
      "permessage-deflate; server_max_window_bits=12; client_max_window_bits; client_no_context_takeover",
    )!;
    expect(agreeOnDeflate(offers, SMALL)).toEqual({
      serverTakesOverContext: true,
      clientTakesOverContext: false,
      serverWindowBits: 11,
      clientWindowBits: 11,
      text: "permessage-deflate; client_no_context_takeover; server_max_window_bits=11; client_max_window_bits=11",
    });
    expect(agreeOnDeflate(parseExtensions("permessage-deflate")!, SMALL)).toMatchObject({ clientWindowBits: 15 });
  });
});

describe("parseExtensions", () => {
  test.each([
    ["", []],
    [" , ,", []],
    ["a", [{ name: "a", parameters: [] }]],
    [
      "a,b",
      [
        { name: "a", parameters: [] },
        { name: "b", parameters: [] },
      ],
    ],
    [
      ' a ; x = 1 ;y; z="q" , b',
      [
        {
          name: "a",
          parameters: [
            ["x", "1"],
            ["y", null],
            ["z", "q"],
          ],
        },
        { name: "b", parameters: [] },
      ],
    ],
  ])("reads %j", (text, expected) => {
    expect(parseExtensions(text)).toEqual(expected as never);
  });

  test.each(["a b", "a;", "a;;b", "a;=1", "a;x=", 'a;x="1', 'a;x=""', 'a;x="1 2"', "a;x=1=2", ";", "a/b", "é"])(
    "refuses %j",
    (text) => {
      expect(parseExtensions(text)).toBe(null);
    },
  );

  test("takes a long hostile list in linear time", () => {
    const list = " \t".repeat(1_000_000);
    expect(parseExtensions(list)).toEqual([]);
    expect(parseExtensions(`a${list};`)).toBe(null);
  });
});
