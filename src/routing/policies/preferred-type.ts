import type { FieldBlock } from "../../protocols/http/field-block.ts";

/** Elements of Accept that are looked at; more are nobody's preference. */
const ELEMENT_COUNT_MAX = 32;

const ELEMENT = /^\s*([a-z0-9!#$&^_.+*-]+\/[a-z0-9!#$&^_.+*-]+)\s*(?:;.*?\bq=([01](?:\.\d{0,3})?))?/i;

/**
 * Which of some media types a client prefers by its Accept fields (RFC 9110 §12.5.1). A type counts only where it is named: `*` and
 * `text/*` leave the choice to us, and that is `fallback`, as it is where nothing is said.
 */
export function preferredType<Name extends string>(
  fields: FieldBlock,
  types: Readonly<Record<Name, readonly string[]>>,
  fallback: Name,
): Name {
  const accept = fields.get("accept");
  if (accept === null) return fallback;
  let best = fallback;
  let bestQuality = 0;
  for (const element of accept.split(",", ELEMENT_COUNT_MAX)) {
    const [, type = "", quality = "1"] = ELEMENT.exec(element) ?? [];
    for (const name in types) {
      if (!types[name].includes(type.toLowerCase()) || Number(quality) <= bestQuality) continue;
      best = name;
      bestQuality = Number(quality);
    }
  }
  return best;
}
