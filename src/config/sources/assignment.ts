import type { Option, OptionMap } from "../options/option.ts";
import type { RawValue } from "../types/option-type.ts";
import type { Origin } from "../origin.ts";
import type { ConfigProblem } from "../problem.ts";

/** One value that some source gives for one option, not yet read. */
export interface Assignment {
  readonly option: Option<unknown> | OptionMap;
  /** Which entry of a map option; null for the others. */
  readonly entryName: string | null;
  readonly raw: RawValue;
  readonly origin: Origin;
}

/** What a source has to say. Sources do not stop at their first problem. */
export interface SourceReading {
  readonly assignments: readonly Assignment[];
  readonly problems: readonly ConfigProblem[];
  readonly warnings: readonly ConfigProblem[];
}
