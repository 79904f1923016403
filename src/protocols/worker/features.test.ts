import { describe, expect, test } from "bun:test";
import { agreeOnFeatures, ENGINE_FEATURES } from "./features.ts";

describe("agreeOnFeatures", () => {
  test("takes what both know, once, in the engine's order", () => {
    expect(agreeOnFeatures([])).toEqual([]);
    expect(agreeOnFeatures(["later", "ping", "stream", "ping"])).toEqual(["stream", "ping"]);
    expect(agreeOnFeatures([...ENGINE_FEATURES].toReversed())).toEqual([...ENGINE_FEATURES]);
  });
});
