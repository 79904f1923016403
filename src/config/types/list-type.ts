import * as v from "valibot";
import type { OptionType } from "./option-type.ts";

/** What {@link listOf} takes. */
export interface ListRules {
  readonly isItem: (text: string) => boolean;
  /** Completes "…, <allowed> is allowed". */
  readonly allowed: string;
  /** Default: 1000. */
  readonly itemCountMax?: number;
  /** Whether editors are to take bare numbers for items, too: they are read as texts either way. Default: false. */
  readonly hasNumbers?: boolean;
}

/** Texts of one kind; a single text is split at its spaces and commas. */
export function listOf({
  isItem,
  allowed,
  itemCountMax = 1_000,
  hasNumbers = false,
}: ListRules): OptionType<readonly string[]> {
  const items = v.pipe(v.array(v.pipe(v.string(), v.check(isItem))), v.maxLength(itemCountMax));
  const words = v.pipe(
    v.string(),
    v.transform((line) => line.split(/[\s,]+/).filter((word) => word !== "")),
    items,
  );
  const itemType = hasNumbers ? (["string", "integer"] as const) : "string";
  return {
    schema: v.union([items, words]),
    allowed,
    jsonSchema: { anyOf: [{ type: "array", items: { type: itemType } }, { type: "string" }] },
    words: [],
    show: (value) => value,
  };
}
