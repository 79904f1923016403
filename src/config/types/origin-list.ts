import * as v from "valibot";
import type { OptionType } from "./option-type.ts";

const ORIGIN =
  /^(?:\*|same|null|https?:\/\/(?:\*\.)?(?:[a-z0-9-]+(?:\.[a-z0-9-]+)*|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?)$/i;
const ORIGIN_COUNT_MAX = 64;
const ORIGIN_LENGTH_MAX = 300;

/** Origins of pages (RFC 6454), with `same`, `null`, `*`, and `*.` for every host below one. A single text is split at its spaces. */
export function originList(): OptionType<readonly string[]> {
  const item = v.pipe(v.string(), v.maxLength(ORIGIN_LENGTH_MAX), v.regex(ORIGIN));
  const list = v.pipe(v.array(item), v.minLength(1), v.maxLength(ORIGIN_COUNT_MAX));
  return {
    schema: v.union([
      list,
      v.pipe(
        v.string(),
        v.transform((line) => line.split(" ").filter((word) => word !== "")),
        list,
      ),
    ]),
    allowed: "a list of same, null, *, and origins such as https://app.example.com and https://*.example.com",
    jsonSchema: { anyOf: [{ type: "array", items: { type: "string", pattern: ORIGIN.source } }, { type: "string" }] },
    words: ["same", "null", "*"],
    show: (value) => value,
  };
}
