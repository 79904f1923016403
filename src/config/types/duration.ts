import { scaleDecimal } from "./scale-decimal.ts";

/** Milliseconds in each unit a duration may be written in. */
const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** A unit of {@link parseDuration}. */
export type DurationUnit = keyof typeof UNIT_MS;

const DURATION = /^(\d{1,15}(?:\.\d{1,3})?) ?(ms|s|m|h|d)?$/;

/**
 * Reads `30s`, `1500ms`, `2m`, `1.5h` or `1d` as whole milliseconds; a number without a unit counts in `plainUnit`. Anything else,
 * and what is finer than a millisecond, is null.
 */
export function parseDuration(text: string, plainUnit: DurationUnit): number | null {
  const match = DURATION.exec(text);
  if (match === null) return null;
  const unit = (match[2] ?? plainUnit) as DurationUnit;
  return scaleDecimal(match[1] ?? "", UNIT_MS[unit]);
}

/** Writes milliseconds in the largest unit that holds them whole, more than once from minutes on: `60s`, `2m`, `90s`, `24h`, `0`. */
export function renderDuration(ms: number): string {
  if (ms === 0) return "0";
  const large = (["d", "h", "m"] as const).find((unit) => ms % UNIT_MS[unit] === 0 && ms > UNIT_MS[unit]);
  const unit = large ?? (ms % UNIT_MS.s === 0 ? "s" : "ms");
  return `${ms / UNIT_MS[unit]}${unit}`;
}
