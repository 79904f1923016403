import { parseArgs } from "node:util";

type Flags<Defaults> = { readonly [Name in keyof Defaults]: Defaults[Name] extends number ? number : string };

/**
 * What a measurement was asked for by flags, `--rounds 5`: one for each default, of the same type.
 *
 * @throws for any other flag, and for a number that is none above zero.
 */
export function readFlags<const Defaults extends Readonly<Record<string, number | string>>>(
  defaults: Defaults,
): Flags<Defaults> {
  const entries = Object.entries(defaults);
  const { values } = parseArgs({ options: Object.fromEntries(entries.map(([name]) => [name, { type: "string" }])) });
  const read = ([name, fallback]: [string, number | string]): [string, number | string] => {
    const given = values[name];
    if (given === undefined) return [name, fallback];
    if (typeof fallback === "string") return [name, given];
    if (Number(given) > 0) return [name, Number(given)];
    throw new Error(`Cannot use --${name}: it is "${given}", a number above 0 is allowed`);
  };
  return Object.fromEntries(entries.map(read)) as Flags<Defaults>;
}
