import { quote } from "../base/printable.ts";
import type { Flag, GivenFlag } from "./parse-flags.ts";
import { UsageError } from "./usage-error.ts";

/** Whether a switch is among the given flags. */
export function isGiven(flags: readonly GivenFlag[], { name }: Flag): boolean {
  return flags.some((flag) => flag.name === name);
}

/** What was given for a flag, the last time where that was more than once; null where it was not. */
export function valueOf(flags: readonly GivenFlag[], { name }: Pick<Flag, "name">): string | null {
  return flags.findLast((flag) => flag.name === name)?.value ?? null;
}

/**
 * The whole number given for a flag; `otherwise` where it was not.
 *
 * @throws {UsageError} for anything but a number within the range, both ends included.
 */
export function countOf(
  flags: readonly GivenFlag[],
  flag: Pick<Flag, "name">,
  { min, max, otherwise }: { readonly min: number; readonly max: number; readonly otherwise: number },
): number {
  const text = valueOf(flags, flag);
  if (text === null) return otherwise;
  const count = wholeNumber(text);
  if (count >= min && count <= max) return count;
  throw new UsageError(
    `Cannot use --${flag.name}: it is ${quote(text)}, a whole number from ${min} to ${max} is allowed`,
    `try: --${flag.name} ${count > max ? max : Math.max(min, 1)}`,
  );
}

/** NaN for what is none. */
export function wholeNumber(text: string): number {
  return /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
}
