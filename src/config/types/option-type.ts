import * as v from "valibot";

/** What a source gives for one option. Every scalar is text, so a file, a variable and a flag obey one grammar; only files have lists. */
export type RawValue = string | readonly string[];

/** How a value is shown to people and tools: as it could be written in the file. */
export type ShownValue = string | number | boolean | readonly string[];

/** A JSON Schema (2020-12) for what an editor sees in the file. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/**
 * The grammar of an option's value: reads it, says what is allowed, describes it to editors, and shows it again. Reading what `show`
 * returned gives the same value.
 */
export interface OptionType<Value> {
  /** Takes a {@link RawValue}. Its own messages are not used: `allowed` is the one sentence for every refusal. */
  readonly schema: v.GenericSchema<unknown, Value>;
  /** Completes "…, <allowed> is allowed". */
  readonly allowed: string;
  readonly jsonSchema: JsonSchema;
  /** The words a typo may have meant. */
  readonly words: readonly string[];
  show(value: Value): ShownValue;
}

/** An inclusive range. */
export interface Range {
  readonly min: number;
  readonly max: number;
}

/** A whole number in decimal. */
export function integer(range: Range): OptionType<number> {
  return {
    schema: v.pipe(
      v.string(),
      v.regex(/^-?\d{1,15}$/),
      v.transform(Number),
      v.minValue(range.min),
      v.maxValue(range.max),
    ),
    allowed: `a whole number from ${range.min} to ${range.max}`,
    jsonSchema: { type: "integer", minimum: range.min, maximum: range.max },
    words: [],
    show: (value) => value,
  };
}

const TRUE_WORDS = ["true", "yes", "on", "1"];
const FALSE_WORDS = ["false", "no", "off", "0"];

/** `true` or `false`; the words of YAML 1.1, which older files use, are taken too. */
export function boolean(): OptionType<boolean> {
  return {
    schema: v.pipe(
      v.string(),
      v.toLowerCase(),
      v.picklist([...TRUE_WORDS, ...FALSE_WORDS]),
      v.transform((word) => TRUE_WORDS.includes(word)),
    ),
    allowed: "true or false",
    jsonSchema: { anyOf: [{ type: "boolean" }, { enum: ["yes", "no", "on", "off"] }] },
    words: [],
    show: (value) => value,
  };
}

/** One of a few words. */
export function choice<const Word extends string>(words: readonly Word[]): OptionType<Word> {
  return {
    schema: v.picklist(words),
    allowed: words.length === 1 ? String(words[0]) : `one of ${words.join(", ")}`,
    jsonSchema: { enum: words.flatMap(asWritten) },
    words,
    show: (value) => value,
  };
}

/** A word as YAML may have it: `true` and `2.5` are no texts there unless they are quoted. */
function asWritten(word: string): readonly (string | number | boolean)[] {
  if (word === "true" || word === "false") return [word === "true", word];
  return /^\d+(?:\.\d+)?$/.test(word) ? [word, Number(word)] : [word];
}

/** What {@link text} takes. The default pattern refuses control characters only: a NUL or a line break has no business in a path or name. */
export interface TextRules {
  readonly pattern?: RegExp;
  readonly lengthMax?: number;
  /** Completes "…, <allowed> is allowed". */
  readonly allowed: string;
}

const PRINTABLE = /^\P{Cc}+$/u;

/** Text of at least one character. */
export function text(rules: TextRules): OptionType<string> {
  const { pattern = PRINTABLE, lengthMax = 4096, allowed } = rules;
  return {
    schema: v.pipe(v.string(), v.regex(pattern), v.maxLength(lengthMax)),
    allowed,
    jsonSchema: { type: ["string", "number", "boolean"], ...(rules.pattern && { pattern: rules.pattern.source }) },
    words: [],
    show: (value) => value,
  };
}

/** Texts in order; a single text is split at its spaces, so that a variable can hold several. */
export function textList(allowed: string): OptionType<readonly string[]> {
  const item = v.pipe(v.string(), v.regex(PRINTABLE), v.maxLength(4096));
  return {
    schema: v.union([
      v.pipe(v.array(item), v.maxLength(64)),
      v.pipe(
        v.string(),
        v.transform((line) => line.split(" ").filter((word) => word !== "")),
        v.array(item),
        v.maxLength(64),
      ),
    ]),
    allowed,
    jsonSchema: { anyOf: [{ type: "array", items: { type: ["string", "number", "boolean"] } }, { type: "string" }] },
    words: [],
    show: (value) => value,
  };
}

/** What either type takes, the first one first. */
export function either<A extends string, B extends number>(
  words: OptionType<A>,
  numbers: OptionType<B>,
): OptionType<A | B> {
  return {
    schema: v.union([words.schema, numbers.schema]),
    allowed: `${words.allowed} or ${numbers.allowed}`,
    jsonSchema: { anyOf: [words.jsonSchema, numbers.jsonSchema] },
    words: words.words,
    show: (value) => value,
  };
}
