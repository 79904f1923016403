import { cpuTimes, stealShare } from "./host.ts";

/** A round in which the host took more than this share of the machine is repeated: figures from it say nothing. */
const STEAL_SHARE_MAX = 0.03;
/** Rounds thrown away before a machine is called too noisy to measure on. */
const REPEATS_MAX = 20;

/** One thing measured; `measure` runs it once and returns a figure. */
export interface Contestant {
  readonly name: string;
  measure(): Promise<number>;
}

export interface RoundsResult {
  /** Figures by contestant, one a round, in the order of rounds. */
  readonly figures: ReadonlyMap<string, readonly number[]>;
  /** Those that counted. */
  readonly roundCount: number;
  readonly repeatedCount: number;
  /** The largest share of steal in a round that counted. */
  readonly stealShareMax: number;
}

/**
 * Measures the contestants in turn, round by round, so that a machine whose speed drifts drifts for all of them. Each round is whole: when
 * the host stole time in it, all of it is repeated.
 */
export async function runRounds(contestants: readonly Contestant[], roundCount: number): Promise<RoundsResult> {
  const figures = new Map<string, number[]>(contestants.map(({ name }) => [name, []]));
  let repeatedCount = 0;
  let stealShareMax = 0;
  for (let round = 0; round < roundCount;) {
    const before = cpuTimes();
    const measured: [string, number][] = [];
    for (const contestant of contestants) measured.push([contestant.name, await contestant.measure()]);
    const share = stealShare(before, cpuTimes());
    const line = measured.map(([name, figure]) => `${name} ${Math.round(figure)}`).join("  ");
    if (share > STEAL_SHARE_MAX && repeatedCount < REPEATS_MAX) {
      repeatedCount++;
      console.log(`  repeated, the host took ${(share * 100).toFixed(1)} %:  ${line}`);
      continue;
    }
    stealShareMax = Math.max(stealShareMax, share);
    for (const [name, figure] of measured) figures.get(name)!.push(figure);
    console.log(`  round ${++round}/${roundCount}, steal ${(share * 100).toFixed(1)} %:  ${line}`);
  }
  return { figures, roundCount, repeatedCount, stealShareMax };
}
