import { childNames, OPTIONS } from "../options/option-index.ts";
import { nearest } from "../nearest.ts";

/**
 * The key that an unknown one most likely meant: a neighbour with almost the same name, else an option of that name in another section
 * (`port` for `server.port`), else whatever is near as a whole.
 */
export function suggestKey(key: string): string | null {
  const at = key.lastIndexOf(".") + 1;
  const parent = key.slice(0, at);
  const name = nameOf(key);
  const neighbour = nearest(name, childNames(parent.slice(0, -1)));
  if (neighbour !== null) return parent + neighbour;
  // Of those that share a name the first section's counts.
  const keys = [...OPTIONS.keys()].toReversed();
  const keyByName = new Map(keys.map((candidate) => [nameOf(candidate), candidate]));
  const elsewhere = nearest(name, keyByName.keys());
  return elsewhere === null ? nearest(key, OPTIONS.keys()) : (keyByName.get(elsewhere) ?? null);
}

function nameOf(key: string): string {
  return key.slice(key.lastIndexOf(".") + 1);
}
