import { readOverrideSource } from "../../src/config/sources/override-source.ts";
import { Settings } from "../../src/config/settings.ts";

/** Settings in which the given keys have the given values, as `-o key=value` gives them. */
export function settingsOf(values: Readonly<Record<string, string>>): Settings {
  const overrides = Object.entries(values).map(([key, text]) => ({ key, text, flag: `-o ${key}` }));
  const { assignments, problems } = readOverrideSource(overrides);
  if (problems.length > 0) throw new Error(problems.map(({ message }) => message).join("; "));
  return new Settings(assignments);
}
