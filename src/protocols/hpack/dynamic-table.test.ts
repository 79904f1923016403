import { describe, expect, test } from "bun:test";

import { seededRandom } from "../../../test/support/seeded-random.ts";
import { DynamicTable } from "./dynamic-table.ts";

function add(table: DynamicTable, name: string, value: string): void {
  const source = Buffer.from(`__${name}${value}`, "latin1");
  table.add(source, 2, 2 + name.length, source.length);
}

function entries(table: DynamicTable): string[] {
  return Array.from({ length: table.count }, (_, age) => {
    const name = table.text.toString("latin1", table.nameStart(age), table.valueStart(age));
    return `${name}: ${table.text.toString("latin1", table.valueStart(age), table.valueEnd(age))}`;
  });
}

describe("DynamicTable", () => {
  test("counts entries from the newest, and 32 bytes for each", () => {
    const table = new DynamicTable(4096);
    add(table, "a", "1");
    add(table, "bb", "22");
    expect(entries(table)).toEqual(["bb: 22", "a: 1"]);
    expect(table.byteLength).toBe(34 + 36);
  });

  test("drops the oldest for an entry that just does not fit, and none for one that just does", () => {
    const table = new DynamicTable(100);
    add(table, "a", "x".repeat(17));
    add(table, "b", "x".repeat(17));
    expect(entries(table)).toHaveLength(2);
    add(table, "c", "");
    expect(entries(table)).toHaveLength(2);
    expect(table.byteLength).toBe(83);
  });

  test("is emptied by an entry larger than itself, and takes one that fills it", () => {
    const table = new DynamicTable(64);
    add(table, "a", "1");
    add(table, "name", "x".repeat(28));
    expect([table.count, table.byteLength]).toEqual([1, 64]);
    add(table, "name", "x".repeat(29));
    expect([table.count, table.byteLength]).toEqual([0, 0]);
  });

  test("of no capacity holds nothing", () => {
    const table = new DynamicTable(0);
    add(table, "", "");
    expect(table.count).toBe(0);
  });

  test("holds what a list would hold, through growth and many turns of its memory, seeded", () => {
    const random = seededRandom(41);
    const table = new DynamicTable(1_000);
    const model: string[] = [];
    let capacity = 1_000;
    const size = (entry: string): number => entry.length - 2 + 32;
    for (let step = 0; step < 3_000; step++) {
      if (random.below(50) === 0) {
        capacity = random.below(1_001);
        table.resize(capacity);
      } else {
        const name = `n${step}`;
        const value = "v".repeat(random.below(step % 7 === 0 ? 900 : 60));
        add(table, name, value);
        model.unshift(`${name}: ${value}`);
      }
      while (model.reduce((sum, entry) => sum + size(entry), 0) > capacity) model.pop();
      expect(entries(table)).toEqual(model);
      expect(table.byteLength).toBe(model.reduce((sum, entry) => sum + size(entry), 0));
    }
    expect(table.text.length).toBeLessThanOrEqual(2_048);
  });
});
