import type { RoundsResult } from "./rounds.ts";
import { renderSummary, summarize } from "./summary.ts";

/** One contestant's figure by another's, and what that is to be held against: `goal 0.6`. */
export interface Ratio {
  readonly of: string;
  readonly by: string;
  readonly note: string;
}

/** Where the columns of figures begin. */
const FIGURE_COLUMN = 24;
const RATIO_COLUMN = 29;

/** Prints how many rounds counted, and each contestant's figures in `unit`, least, middle and largest, with so many decimals. */
export function printFigures(result: RoundsResult, unit: string, digits: number = 0): void {
  const { figures, roundCount, repeatedCount, stealShareMax } = result;
  const steal = (stealShareMax * 100).toFixed(1);
  console.log(`\n${roundCount} rounds counted, ${repeatedCount} repeated, steal at most ${steal} %`);
  printRows(figures, unit, digits);
}

/** Prints figures by name, with so many decimals. */
export function printRows(rows: ReadonlyMap<string, readonly number[]>, unit: string, digits: number): void {
  console.log(`\n${unit.padEnd(FIGURE_COLUMN)}  min / median / max`);
  for (const [name, row] of rows) {
    console.log(`  ${name.padEnd(FIGURE_COLUMN - 2)}  ${renderSummary(summarize(row), digits)}`);
  }
}

/**
 * Prints ratios round by round, so that a machine which was slow in one round was so for both sides; those of contestants that did not
 * take part are left out.
 */
export function printRatios({ figures }: RoundsResult, ratios: readonly Ratio[]): void {
  console.log(`\n${"ratio, round by round".padEnd(RATIO_COLUMN)}  min / median / max`);
  for (const { of, by, note } of ratios) {
    const [ours, theirs] = [figures.get(of), figures.get(by)];
    if (ours === undefined || theirs === undefined) continue;
    const row = ours.map((figure, round) => figure / theirs[round]!);
    console.log(`  ${`${of} : ${by}`.padEnd(RATIO_COLUMN - 2)}  ${renderSummary(summarize(row), 2)}   (${note})`);
  }
}
