import { describe, expect, test } from "bun:test";
import { ReloadVote } from "./reload-vote.ts";

/** What is decided by now; null for nothing. */
function peek(decision: Promise<boolean>): Promise<boolean | null> {
  return Promise.race([decision, Promise.resolve().then(() => null)]);
}

describe("ReloadVote", () => {
  test("lets the workers of an app take over when those of every front are ready", async () => {
    const vote = new ReloadVote(2);
    const first = vote.cast(0, "shop", true);
    expect(await peek(first)).toBeNull();
    const other = vote.cast(1, "blog", true);
    expect(await peek(first)).toBeNull();
    expect(await vote.cast(1, "shop", true)).toBe(true);
    expect(await first).toBe(true);
    expect(await peek(other)).toBeNull();
  });

  test("lets nobody take over when those of one front are not", async () => {
    const vote = new ReloadVote(3);
    const first = vote.cast(0, "shop", true);
    expect(await vote.cast(1, "shop", false)).toBe(false);
    expect(await first).toBe(false);
    expect(await vote.cast(2, "shop", true)).toBe(false);
  });

  test("does not wait for a front that is gone", async () => {
    const vote = new ReloadVote(2);
    const first = vote.cast(0, "shop", true);
    vote.leave(1);
    expect(await first).toBe(true);
  });

  test("has nothing to wait for with one front", async () => {
    expect(await new ReloadVote(1).cast(0, "shop", true)).toBe(true);
  });
});
