import { beforeEach, describe, expect, test } from "bun:test";

import { SerialOrder } from "./serial-order.ts";

describe("SerialOrder", () => {
  let begun: number[];
  let order: SerialOrder<number>;
  beforeEach(() => {
    begun = [];
    order = new SerialOrder((request) => begun.push(request));
  });

  test("runs one after the other, in the order in which they came", () => {
    for (const request of [1, 2, 3]) order.take(request);
    expect(begun).toEqual([1]);
    order.onEnd();
    order.onEnd();
    expect(begun).toEqual([1, 2, 3]);
    order.onEnd();
    order.take(4);
    expect(begun).toEqual([1, 2, 3, 4]);
  });

  test("drops what came behind a response in parts until the engine has said a word about it (W2.15)", () => {
    order.take(1);
    order.take(2);
    order.onHead();
    order.take(3);
    order.onWord();
    order.take(4);
    order.onEnd();
    expect(begun).toEqual([1, 4]);
  });

  test("drops nothing of what comes behind the end, even if the engine has not said a word", () => {
    order.take(1);
    order.onHead();
    order.onEnd();
    order.take(2);
    expect(begun).toEqual([1, 2]);
  });
});
