import { readPath } from "./request-path.ts";

/**
 * One place between two slashes of a pattern: a text that has to be there, or a parameter that takes what is there, as long as it is
 * something.
 */
export type PatternSegment =
  { readonly kind: "text"; readonly text: string } | { readonly kind: "int" | "any"; readonly name: string };

/**
 * A path that routes are told by: `/users/{id}`. Paths are compared as `readPath` reads them.
 *
 * `segments` are what stands between the slashes, so `/users/` has an empty text at its end. `rest` is the name of the parameter that takes
 * everything below, however deep, and nothing too: `/api/*` is for `/api`, `/api/` and `/api/users/42`. Its name is empty where the pattern
 * gives none; it is null where the pattern is exact.
 */
export interface PathPattern {
  readonly segments: readonly PatternSegment[];
  readonly rest: string | null;
}

/** Segments of one pattern: what matching may recurse into. */
export const PATTERN_SEGMENT_COUNT_MAX = 32;

const PARAMETER = /^\{([A-Za-z_][A-Za-z0-9_]{0,63})(?::([a-z]*))?\}$/;

/** Reads a pattern, or says in words what is wrong with it: `it has two parameters named id`. */
export function parsePathPattern(text: string): PathPattern | string {
  if (!text.startsWith("/")) return "it does not start with a slash";
  const parts = text.slice(1).split("/");
  if (parts.length > PATTERN_SEGMENT_COUNT_MAX) return `it has more than ${PATTERN_SEGMENT_COUNT_MAX} segments`;
  const names = new Set<string>();
  const segments: PatternSegment[] = [];
  let rest: string | null = null;
  for (const [index, part] of parts.entries()) {
    if (rest !== null) return "something stands behind what takes the rest of the path";
    if (part === "*") {
      rest = "";
      continue;
    }
    const [, name, type = "any"] = PARAMETER.exec(part) ?? [];
    if (name === undefined) {
      const isLast = index === parts.length - 1;
      const literal = readText(part, isLast);
      if (literal === null) return describeBadText(part, isLast);
      segments.push({ kind: "text", text: literal });
      continue;
    }
    if (names.has(name)) return `it has two parameters named ${name}`;
    names.add(name);
    if (type === "path") rest = name;
    else if (type === "any" || type === "int") segments.push({ kind: type, name });
    else return `{${name}:${type}} is of no known type`;
  }
  return { segments, rest };
}

/** The parameters of a pattern, in their order. */
export function parameterNames({ segments, rest }: PathPattern): readonly string[] {
  const names = segments.flatMap((segment) => (segment.kind === "text" ? [] : [segment.name]));
  return rest === null || rest === "" ? names : [...names, rest];
}

/** Two patterns with the same shape match the same paths: their parameters may have other names. */
export function patternShape({ segments, rest }: PathPattern): string {
  const parts = segments.map((segment) => (segment.kind === "text" ? `=${segment.text}` : `{${segment.kind}}`));
  return `/${[...parts, ...(rest === null ? [] : ["*"])].join("/")}`;
}

/** A text as it is after decoding; null where it could never be in a path. Only the last one of a pattern may be empty. */
function readText(part: string, isLast: boolean): string | null {
  if (part === "") return isLast ? "" : null;
  if (/[{}*?#\\]|\p{Cc}/u.test(part)) return null;
  const bytes = Buffer.from(`/${part}`);
  const path = readPath(bytes, 0, bytes.length, "refuse");
  return typeof path === "string" ? path.slice(1) : null;
}

function describeBadText(part: string, isLast: boolean): string {
  if (part === "" && !isLast) return "it has two slashes in a row, which requests are read without";
  if (/[{}]/.test(part)) return "a parameter is a whole segment: {name}, {name:int} or {name:path}";
  if (part.includes("*")) return "a star stands for the rest of the path, alone behind the last slash";
  return "it has a segment that no request's path has once it is decoded";
}
