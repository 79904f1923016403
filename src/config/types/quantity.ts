import * as v from "valibot";
import { parseByteSize, renderByteSize } from "./byte-size.ts";
import { parseDuration, renderDuration } from "./duration.ts";
import type { JsonSchema, OptionType, Range } from "./option-type.ts";

/** Bounds of a quantity in its resolved unit. Where `zeroMeans` is given, 0 is allowed below `min` and means that. */
export interface QuantityRange extends Range {
  readonly zeroMeans?: string;
}

/** A length of time, resolved to milliseconds. `plainUnit` is what a number without a unit counts in. */
export function duration(plainUnit: "ms" | "s", range: QuantityRange): OptionType<number> {
  return quantity({
    range,
    parse: (text) => parseDuration(text, plainUnit),
    render: renderDuration,
    noun: "a duration",
    // A plain number in an editor is held to the range in its own unit.
    plainUnit: { s: 1_000, ms: 1 }[plainUnit],
    pattern: "^\\d+(\\.\\d{1,3})? ?(ms|s|m|h|d)?$",
  });
}

/** An amount of memory or of data, resolved to bytes. */
export function byteSize(range: QuantityRange): OptionType<number> {
  return quantity({
    range,
    parse: parseByteSize,
    render: renderByteSize,
    noun: "a size",
    plainUnit: 1,
    pattern: "^\\d+(\\.\\d{1,3})? ?([kKmMgGtT]?[iI]?[bB])?$",
  });
}

/** A share, resolved to 0 to 1; written in percent, with or without the sign. */
export function percentage(range: Range): OptionType<number> {
  return quantity({
    range: { min: range.min / 100, max: range.max / 100 },
    parse: (text) => (/^\d{1,3}%?$/.test(text) ? Number.parseInt(text, 10) / 100 : null),
    render: (share) => `${Math.round(share * 100)}%`,
    noun: "a share",
    plainUnit: 1 / 100,
    pattern: "^\\d{1,3}%?$",
  });
}

interface QuantityRules {
  readonly range: QuantityRange;
  readonly parse: (text: string) => number | null;
  readonly render: (value: number) => string;
  readonly noun: string;
  readonly plainUnit: number;
  readonly pattern: string;
}

function quantity(rules: QuantityRules): OptionType<number> {
  const { range, parse, render, noun } = rules;
  const isAllowed = (value: number) =>
    (value >= range.min && value <= range.max) || (value === 0 && range.zeroMeans !== undefined);
  const zero = range.zeroMeans === undefined ? "" : `0 (${range.zeroMeans}) or `;
  return {
    schema: v.pipe(v.string(), v.transform(parse), v.number(), v.check(isAllowed)),
    allowed: `${zero}${noun} from ${render(range.min)} to ${render(range.max)}`,
    jsonSchema: { anyOf: [plainNumber(rules), { type: "string", pattern: rules.pattern }] },
    words: [],
    show: (value) => render(value),
  };
}

function plainNumber({ range, plainUnit }: QuantityRules): JsonSchema {
  const minimum = range.zeroMeans === undefined ? range.min / plainUnit : 0;
  return { type: "number", minimum, maximum: range.max / plainUnit };
}
