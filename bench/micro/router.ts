/**
 * What finding a route costs, alone on one core, with 10 routes and with 1,000: `bun bench/micro/router.ts`.
 *
 * Each case runs in rounds after a warm-up; the median round is what to quote, the fastest is what the code can do undisturbed. The paths
 * asked for are spread over the table: texts, one and two parameters, a path that leads back, the rest.
 */
import { parsePathPattern } from "../../src/paths/path-pattern.ts";
import { PathTable } from "../../src/paths/path-table.ts";
import { readPath } from "../../src/paths/request-path.ts";

const ROUND_COUNT = 15;
const PASSES_PER_ROUND = 400_000;

/** Ten shapes for each resource; a thousand routes are a hundred resources. */
function patternsOf(resourceCount: number): readonly string[] {
  return Array.from({ length: resourceCount }, (_, index) => [
    `/r${index}`,
    `/r${index}/new`,
    `/r${index}/{id}`,
    `/r${index}/{id}/edit`,
    `/r${index}/{id}/parts`,
    `/r${index}/{id}/parts/{part}`,
    `/r${index}/{id}/parts/{part}/owner`,
    `/r${index}/search/recent`,
    `/r${index}/export`,
    `/r${index}/files/{rest:path}`,
  ]).flat();
}

/** What is asked for, some of each resource. */
function pathsOf(resourceCount: number): readonly string[] {
  return Array.from({ length: resourceCount }, (_, index) => [
    `/r${index}/new`,
    `/r${index}/4711`,
    `/r${index}/4711/parts/17`,
    `/r${index}/new/edit`,
    `/r${index}/files/css/app.css`,
  ]).flat();
}

for (const resourceCount of [1, 100]) {
  const table = new PathTable<string>();
  for (const text of patternsOf(resourceCount)) {
    const pattern = parsePathPattern(text);
    if (typeof pattern === "string") throw new Error(pattern);
    table.add(pattern, text);
  }
  const targets = pathsOf(resourceCount).map((path) => Buffer.from(path));
  const judge = { takes: () => true };
  const paths = targets.map((bytes) => bytes.toString("latin1"));
  const title = `${resourceCount * 10} routes`;
  measure(`${title}: find`, paths, (path) => table.find(path, judge) !== null);
  measure(`${title}: read the path and find`, targets, (bytes) => {
    const path = readPath(bytes, 0, bytes.length, "refuse");
    return typeof path === "string" && table.find(path, judge) !== null;
  });
}

/** Runs one case and prints nanoseconds a pass. */
function measure<Item>(title: string, items: readonly Item[], isFound: (item: Item) => boolean): void {
  const rounds: number[] = [];
  for (let round = -3; round < ROUND_COUNT; round++) {
    const startNs = Bun.nanoseconds();
    let at = 0;
    for (let pass = 0; pass < PASSES_PER_ROUND; pass++) {
      if (!isFound(items[at]!)) throw new Error(`nothing found for ${String(items[at])}`);
      at = at + 1 === items.length ? 0 : at + 1;
    }
    if (round >= 0) rounds.push((Bun.nanoseconds() - startNs) / PASSES_PER_ROUND);
  }
  const sorted = rounds.toSorted((one, other) => one - other);
  const median = sorted[ROUND_COUNT >> 1]!;
  console.log(
    `${title.padEnd(40)} median ${median.toFixed(0).padStart(5)} ns   fastest ${sorted[0]!.toFixed(0).padStart(5)} ns`,
  );
}
