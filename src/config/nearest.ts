/** Longer words are compared no further: a key or flag of ours is shorter, and the cost is quadratic. */
const WORD_LENGTH_MAX = 64;

/**
 * The candidate a mistyped word most likely meant, or null when none is near enough: at most one edit in three letters, counting a
 * swap of neighbours as one (Damerau-Levenshtein, optimal string alignment). A word that only goes on, or stops short, after three letters
 * (`warning` for `warn`) is just near enough too. Case, `-` and `_` are not held against the writer.
 */
export function nearest(word: string, candidates: Iterable<string>): string | null {
  if (word.length > WORD_LENGTH_MAX) return null;
  const wanted = fold(word);
  const distanceMax = Math.max(1, Math.floor(wanted.length / 3));
  let best: string | null = null;
  let bestDistance = distanceMax + 1;
  for (const candidate of candidates) {
    const folded = fold(candidate);
    // Past every true edit, but near enough.
    const stemDistance = isStem(wanted, folded) || isStem(folded, wanted) ? distanceMax + 0.5 : Infinity;
    const distance = Math.min(editDistance(wanted, folded), stemDistance);
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

function isStem(stem: string, word: string): boolean {
  return stem.length >= 3 && stem !== word && word.startsWith(stem);
}

function fold(word: string): string {
  return word.toLowerCase().replaceAll("-", "_");
}

function editDistance(from: string, to: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const isSame = from[row - 1] === to[column - 1];
      const isSwap = row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      current[column] = Math.min(
        at(last, column) + 1,
        at(current, column - 1) + 1,
        at(last, column - 1) + (isSame ? 0 : 1),
        isSwap ? at(beforeLast, column - 2) + 1 : Infinity,
      );
    }
    beforeLast = last;
    last = current;
  }
  return at(last, to.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Infinity;
}
