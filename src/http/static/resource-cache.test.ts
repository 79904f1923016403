import { describe, expect, test } from "bun:test";

import { MissingResource } from "./resource.ts";
import { ResourceCache } from "./resource-cache.ts";

/** Of a missing resource under a name of one letter. */
const ENTRY_BYTES = 257;

describe("ResourceCache", () => {
  test("knows what it was told, as long as that is young enough", () => {
    const cache = new ResourceCache(10_000);
    const resource = new MissingResource();
    cache.set("a", resource, 100);
    expect(cache.get("a", 99)).toBe(resource);
    expect(cache.get("a", 100)).toBeNull();
    expect(cache.peek("a")).toBe(resource);
    expect(cache.get("b", -1)).toBeNull();
  });

  test("never takes more memory than allowed, and lets go of what nobody asks for first", () => {
    const cache = new ResourceCache(3 * ENTRY_BYTES);
    for (const path of ["a", "b", "c"]) cache.set(path, new MissingResource(), 0);
    expect(cache.bytes).toBe(3 * ENTRY_BYTES);
    cache.get("a", -1);
    cache.set("d", new MissingResource(), 0);
    expect(["a", "b", "c", "d"].filter((path) => cache.peek(path) !== null)).toEqual(["a", "c", "d"]);
    expect(cache.bytes).toBe(3 * ENTRY_BYTES);
  });

  test("comes to an end when everything has been asked for", () => {
    const cache = new ResourceCache(3 * ENTRY_BYTES);
    for (const path of ["a", "b", "c"]) {
      cache.set(path, new MissingResource(), 0);
      cache.get(path, -1);
    }
    cache.set("d", new MissingResource(), 0);
    expect(cache.count).toBe(3);
  });

  test("does not keep what is larger than all of it", () => {
    const cache = new ResourceCache(ENTRY_BYTES - 1);
    cache.set("a", new MissingResource(), 0);
    expect([cache.count, cache.bytes]).toEqual([0, 0]);
  });

  test("holds a million paths that are not there within its limit", () => {
    const cache = new ResourceCache(100_000);
    for (let index = 0; index < 1_000_000; index++) cache.set(String(index), new MissingResource(), 0);
    expect(cache.bytes).toBeLessThanOrEqual(100_000);
  });
});
