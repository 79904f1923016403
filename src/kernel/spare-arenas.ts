import { Arena } from "./arena.ts";

/** Arenas kept for reuse, and the largest that is kept. */
const SPARE_ARENAS_MAX = 64;
const SPARE_ARENA_BYTES_MAX = 64 * 1024;

const spares: Arena[] = [];
let discarded = new Arena();

/**
 * An empty arena, to be given back with {@link returnArena} once it is empty again: only connections with output of this turn hold one, so
 * an idle connection holds no send buffer at all.
 */
export function takeArena(): Arena {
  return spares.pop() ?? new Arena();
}

/** Gives an empty arena back. Nobody may keep it: the next connection writes into it. */
export function returnArena(arena: Arena): void {
  if (spares.length < SPARE_ARENAS_MAX && arena.capacityBytes <= SPARE_ARENA_BYTES_MAX) spares.push(arena);
}

/** An arena whose content nobody reads: what is written to a closed connection goes there. */
export function discardArena(): Arena {
  if (discarded.capacityBytes > SPARE_ARENA_BYTES_MAX) discarded = new Arena();
  discarded.truncate(discarded.start);
  return discarded;
}
