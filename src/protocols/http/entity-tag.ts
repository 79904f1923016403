/** An entity tag as it stands in a field: `"abc"`, or weak `W/"abc"`. RFC 9110 §8.8.3. */
export type EntityTag = string;

const TAG = String.raw`(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"`;
const LONE_TAG = new RegExp(`^${TAG}$`);
/** One element of a list, or an empty one. */
const ELEMENT = new RegExp(String.raw`[ \t]*(${TAG})?[ \t]*(?:,|$)`, "y");

/** Whether `text` is one entity tag and nothing else. */
export function isEntityTag(text: string): text is EntityTag {
  return LONE_TAG.test(text);
}

/** RFC 9110 §8.8.3.2: equal, and neither is weak. */
export function matchesStrongly(a: EntityTag, b: EntityTag): boolean {
  return a === b && !a.startsWith("W/");
}

/** RFC 9110 §8.8.3.2: equal but for weakness. */
export function matchesWeakly(a: EntityTag, b: EntityTag): boolean {
  return opaqueTag(a) === opaqueTag(b);
}

/** The weak form of a tag: for a representation that is the same in meaning and not in bytes. */
export function weaken(tag: EntityTag): EntityTag {
  return tag.startsWith("W/") ? tag : `W/${tag}`;
}

/**
 * Whether one of the tags in an `If-Match` or `If-None-Match` list is `tag`. `*` is the caller's to know.
 *
 * @returns false also where the list is none: a tag that cannot be read matches nothing.
 */
export function listHasTag(list: string, tag: EntityTag, isSame: (a: EntityTag, b: EntityTag) => boolean): boolean {
  for (let at = 0; at < list.length; at = ELEMENT.lastIndex) {
    ELEMENT.lastIndex = at;
    const match = ELEMENT.exec(list);
    if (match === null) return false;
    if (match[1] !== undefined && isSame(match[1], tag)) return true;
  }
  return false;
}

function opaqueTag(tag: EntityTag): string {
  return tag.startsWith("W/") ? tag.slice(2) : tag;
}
