import { scaleDecimal } from "./scale-decimal.ts";

/** Bytes in each unit a size may be written in: powers of 1024 with the `i`, of 1000 without. */
const UNIT_BYTES = {
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
} as const;

const UNIT_BY_FOLDED_NAME: ReadonlyMap<string, number> = new Map(
  Object.entries(UNIT_BYTES).map(([name, bytes]) => [name.toLowerCase(), bytes]),
);

const SIZE = /^(\d{1,15}(?:\.\d{1,3})?) ?([kmgt]?i?b)?$/i;

/**
 * Reads `16MiB`, `10MB`, `1.5GiB` or plain bytes as a whole number of bytes; upper and lower case are one. Anything else is null, as is
 * a bare `16M`: half of the world means 1000 by it and the other half 1024.
 */
export function parseByteSize(text: string): number | null {
  const match = SIZE.exec(text);
  if (match === null) return null;
  const unitBytes = UNIT_BY_FOLDED_NAME.get((match[2] ?? "B").toLowerCase());
  return unitBytes === undefined ? null : scaleDecimal(match[1] ?? "", unitBytes);
}

/** Writes bytes in the largest unit that holds them whole, binary ones first: `16777216` is `16MiB`, `10000000` is `10MB`, `0` is `0`. */
export function renderByteSize(bytes: number): string {
  if (bytes === 0) return "0";
  const units = ["TiB", "GiB", "MiB", "KiB", "TB", "GB", "MB", "KB"] as const;
  const unit = units.find((candidate) => bytes % UNIT_BYTES[candidate] === 0) ?? "B";
  return `${bytes / UNIT_BYTES[unit]}${unit}`;
}
