import { type EntityTag, isEntityTag, listHasTag, matchesStrongly, matchesWeakly } from "./entity-tag.ts";
import { parseHttpDate } from "./http-date.ts";
import type { RequestConditions } from "./request-conditions.ts";

/** What a representation is recognised by. */
export interface Validators {
  readonly etag: EntityTag;
  /** Whole seconds. */
  readonly lastModifiedMs: number;
}

/**
 * Evaluates the conditions of a GET or HEAD for a representation that exists, in the order of RFC 9110 §13.2.2. A date that cannot be read
 * is no condition.
 *
 * @returns `failed` is answered with 412, `not-modified` with 304.
 */
export function checkPreconditions(
  conditions: RequestConditions,
  { etag, lastModifiedMs }: Validators,
  nowMs: number,
): "met" | "failed" | "not-modified" {
  const { ifMatch, ifNoneMatch, ifUnmodifiedSince, ifModifiedSince } = conditions;
  if (ifMatch !== null) {
    if (ifMatch !== "*" && !listHasTag(ifMatch, etag, matchesStrongly)) return "failed";
  } else if (ifUnmodifiedSince !== null) {
    const sinceMs = parseHttpDate(ifUnmodifiedSince, nowMs);
    if (sinceMs !== null && lastModifiedMs > sinceMs) return "failed";
  }
  if (ifNoneMatch !== null) {
    return ifNoneMatch === "*" || listHasTag(ifNoneMatch, etag, matchesWeakly) ? "not-modified" : "met";
  }
  if (ifModifiedSince !== null) {
    const sinceMs = parseHttpDate(ifModifiedSince, nowMs);
    if (sinceMs !== null && lastModifiedMs <= sinceMs) return "not-modified";
  }
  return "met";
}

/**
 * Whether the Range of a GET counts (RFC 9110 §13.1.5): there is no If-Range, or it names this very representation. A date does so only
 * when it is exactly Last-Modified and the tag is strong, for a weak one says that the bytes may change within that second.
 */
export function isRangeValid(ifRange: string | null, { etag, lastModifiedMs }: Validators, nowMs: number): boolean {
  if (ifRange === null) return true;
  if (isEntityTag(ifRange)) return matchesStrongly(ifRange, etag);
  return !etag.startsWith("W/") && parseHttpDate(ifRange, nowMs) === lastModifiedMs;
}
