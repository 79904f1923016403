import { type LoadedConfig, loadConfig } from "../../src/config/load-config.ts";
import { type ConfigProblem, ConfigProblemsError } from "../../src/config/problem.ts";
import { fakeConfigSystem, type FakeMachine } from "./fake-config-system.ts";

/** A configuration, and the machine that it is read on. */
export interface ConfigText extends FakeMachine {
  /** The text of `vilya.yaml`; without it there is no such file. */
  readonly yaml?: string;
  /** Values by the keys that `-o` gives them to. */
  readonly flags?: Readonly<Record<string, string>>;
}

/** Reads a configuration as the command line does. @throws {ConfigProblemsError} */
export function loadText({ yaml, flags = {}, files, ...machine }: ConfigText): LoadedConfig {
  const overrides = Object.entries(flags).map(([key, text]) => ({ key, text, flag: `-o ${key}` }));
  const system = fakeConfigSystem({
    ...machine,
    files: { ...files, ...(yaml !== undefined && { "vilya.yaml": yaml }) },
  });
  return loadConfig({ file: null, overrides }, system);
}

/** What is wrong with it; empty where it would be started. */
export function problemsOf(text: ConfigText): readonly ConfigProblem[] {
  try {
    loadText(text);
  } catch (error) {
    if (error instanceof ConfigProblemsError) return error.problems;
    throw error;
  }
  return [];
}
