import { describe, expect, test } from "bun:test";
import * as v from "valibot";
import { boolean, choice, either, integer, type OptionType, type RawValue, text, textList } from "./option-type.ts";

/** What a type makes of a raw value; undefined for a refusal. */
function read(type: OptionType<unknown>, raw: RawValue): unknown {
  const result = v.safeParse(type.schema, raw);
  return result.success ? result.output : undefined;
}

interface Sample {
  readonly name: string;
  readonly type: OptionType<unknown>;
  readonly accepted: readonly (readonly [raw: RawValue, value: unknown])[];
  readonly refused: readonly RawValue[];
}

const SAMPLES: readonly Sample[] = [
  {
    name: "integer",
    type: integer({ min: 1, max: 64 }),
    accepted: [
      ["1", 1],
      ["64", 64],
      ["007", 7],
    ],
    refused: ["", "0", "65", "-1", "1.0", "1e1", "0x10", " 1", "1 ", "one", "١", "9".repeat(30), ["1"]],
  },
  {
    name: "boolean",
    type: boolean(),
    accepted: [
      ["true", true],
      ["True", true],
      ["yes", true],
      ["on", true],
      ["1", true],
      ["false", false],
      ["NO", false],
      ["off", false],
      ["0", false],
    ],
    refused: ["", "2", "y", "enabled", "null", ["true"]],
  },
  {
    name: "choice",
    type: choice(["text", "json"]),
    accepted: [
      ["text", "text"],
      ["json", "json"],
    ],
    refused: ["", "JSON", "text ", ["text"]],
  },
  {
    name: "text",
    type: text({ allowed: "anything", lengthMax: 5 }),
    accepted: [
      ["a b", "a b"],
      ["8.10", "8.10"],
      ["日本", "日本"],
    ],
    refused: ["", "123456", "a\0b", "a\nb", "\u001b[2J", ["a"]],
  },
  {
    name: "textList",
    type: textList("a list"),
    accepted: [
      [
        ["-d", "a=b c"],
        ["-d", "a=b c"],
      ],
      [[], []],
      ["", []],
      ["  -d   a=b ", ["-d", "a=b"]],
    ],
    refused: ["a\0", ["a", ""], ["a\n"], Array<string>(65).fill("a"), "a ".repeat(65)],
  },
  {
    name: "either",
    type: either(choice(["off", "auto"]), integer({ min: 1, max: 64 })),
    accepted: [
      ["off", "off"],
      ["auto", "auto"],
      ["8", 8],
    ],
    refused: ["", "0", "65", "on"],
  },
];

describe.each([...SAMPLES])("$name", ({ type, accepted, refused }) => {
  test.each([...accepted])("reads %j as %j", (raw, value) => {
    expect(read(type, raw)).toEqual(value);
  });

  test.each(refused.map((raw) => [raw] as const))("refuses %j", (raw) => {
    expect(read(type, raw)).toBeUndefined();
  });

  test("reads what it shows as the same value", () => {
    for (const [, value] of accepted) {
      const shown = type.show(value);
      expect(read(type, Array.isArray(shown) ? (shown as readonly string[]) : String(shown))).toEqual(value);
    }
  });
});

test("a type names the words a typo may have meant", () => {
  expect(either(choice(["off", "auto"]), integer({ min: 1, max: 2 })).words).toEqual(["off", "auto"]);
});
