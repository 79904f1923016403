/** Which answers are compressed on their way, and what that may cost. */
export interface CompressionConfig {
  /** Preferred first. At least one. */
  readonly codings: readonly ("br" | "zstd" | "gzip")[];
  /** Content that is known to be shorter stays as it is. */
  readonly bytesMin: number;
  /** Media types in lower case without parameters; `*` stands for any text within one half: `text/*`, `application/*+json`. */
  readonly types: readonly string[];
  readonly effort: "fast" | "balanced" | "small";
  /** Large answers compressed at once, each in a thread of the pool; more are sent as they are. */
  readonly jobCountMax: number;
  /** Streamed answers compressed at once, each with a window in memory; more are sent as they are. */
  readonly streamCountMax: number;
}
