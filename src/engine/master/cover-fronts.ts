/**
 * Who accepts in place of the fronts that are away: for each front the indexes of those it stands in for. The next one that is there stands
 * in, so that several that are away are shared out; where all are, nobody does.
 *
 * @param isAway of each front, by index.
 */
export function coverFronts(isAway: readonly boolean[]): readonly (readonly number[])[] {
  const stands: number[][] = isAway.map(() => []);
  const present = isAway.flatMap((away, index) => (away ? [] : [index]));
  if (present.length === 0) return stands;
  let turn = 0;
  for (const [index, away] of isAway.entries()) {
    if (!away) continue;
    const next = present.findIndex((each) => each > index);
    stands[present[(Math.max(0, next) + turn++) % present.length]!]!.push(index);
  }
  return stands;
}
