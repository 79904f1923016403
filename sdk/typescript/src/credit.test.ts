import { describe, expect, test } from "bun:test";

import { Credit } from "./credit.ts";

describe("Credit", () => {
  test("has whoever waits go on as soon as there is some", async () => {
    const credit = new Credit(0);
    const waits = Promise.all([credit.available(), credit.available()]);
    credit.add(10);
    await waits;
    credit.spend(25);
    expect(credit.bytes).toBe(-15);
    const more = credit.available();
    credit.add(15);
    credit.add(1);
    await more;
    expect(credit.bytes).toBe(1);
  });

  test("has begun with the first word of the other side, a grant of nothing included", async () => {
    const credit = new Credit(0);
    const begins = credit.begun();
    credit.add(0);
    await begins;
  });

  test("lets everybody go when it is closed, and says so once", async () => {
    const credit = new Credit(0);
    let closeCount = 0;
    credit.onClose = () => closeCount++;
    const waits = Promise.all([credit.available(), credit.begun()]);
    credit.close();
    credit.close();
    await waits;
    expect([credit.isClosed, closeCount]).toEqual([true, 1]);
  });
});
