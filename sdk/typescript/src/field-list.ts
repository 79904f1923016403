/** Fields of a response or its trailers: names as people write them, each once, with its value or, of `Set-Cookie`, its values. */
export type FieldList = readonly (readonly [name: string, value: string | readonly string[]])[];

const NAMES = new Map<string, string>();
const NAME_COUNT_MAX = 1_000;

/** RFC 9110 §5.1. */
const TOKEN = /^[\w!#$%&'*+.^`|~-]+$/;
/** What the platform takes as it is: of RFC 9110 §5.5 the characters that everybody agrees on, without space around them. */
const PLAIN_VALUE = /^(?:[!-~](?:[\t -~]*[!-~])?)?$/;

/** The fields of `headers` as they are now. */
export function fieldListOf(headers: Headers): FieldList {
  const list: (readonly [string, string | readonly string[]])[] = [];
  for (const [name, value] of headers) if (name !== "set-cookie") list.push([canonical(name), value]);
  const cookies = headers.getSetCookie();
  if (cookies.length > 0) list.push(["Set-Cookie", cookies]);
  return list;
}

/**
 * The fields that `new Headers(init)` would hold, where that is plain to see; `null` where the platform has to be asked, which may refuse them,
 * trim them, or join them.
 */
export function plainFieldList(init: unknown): FieldList | null {
  if (init instanceof Headers) return fieldListOf(init);
  if (typeof init !== "object" || init === null || Object.getPrototypeOf(init) !== Object.prototype) return null;
  const list: (readonly [string, string])[] = [];
  for (const [given, value] of Object.entries(init)) {
    const name = NAMES.get(given) ?? (TOKEN.test(given) ? canonical(given) : null);
    if (name === null || typeof value !== "string" || !PLAIN_VALUE.test(value)) return null;
    if (hasField(list, name)) return null;
    list.push([name, value]);
  }
  return list;
}

/** @param name as {@link canonical} has it. */
export function hasField(list: FieldList, name: string): boolean {
  return list.some(([known]) => known === name);
}

/** The platform writes names in lower case; people and tools look for `Content-Type`. */
function canonical(name: string): string {
  let known = NAMES.get(name);
  if (known === undefined) {
    known = name.toLowerCase().replace(/(?:^|-)[a-z]/g, (letter) => letter.toUpperCase());
    if (NAMES.size < NAME_COUNT_MAX) NAMES.set(name, known);
  }
  return known;
}
