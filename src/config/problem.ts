import { ConfigError } from "../base/errors.ts";
import type { Origin } from "./origin.ts";

/** One thing a user has to change, or (as a warning) may want to. */
export interface ConfigProblem {
  /** `Cannot <action> <subject>: <state>, <what is allowed>`. */
  readonly message: string;
  /** Every place that takes part, in the order of the message; empty when no place is to blame. */
  readonly origins: readonly Origin[];
  /** `try: …` or `did you mean …?`, if there is more to say than the message does. */
  readonly hint: string | null;
}

/** The configuration was refused. It carries every problem found, not only the first. */
export class ConfigProblemsError extends ConfigError {
  override readonly code = "VILYA_CONFIG_PROBLEMS";
  /** At least one: those with a place in the file in its order, then the others. */
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : "";
    super(`${problems[0]?.message ?? "Cannot use the configuration"}${more}`);
    this.problems = problems;
  }
}
