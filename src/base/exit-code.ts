/** What the process says when it ends; `docs/reference/cli.md` has the table. */
export const EXIT_CODE = {
  ok: 0,
  /** It could not start or go on: a busy port, a fault of ours. */
  failure: 1,
  /** The command line is not understood; nothing was done. */
  usage: 2,
  /** It stopped as told, but requests were cut off. */
  cut: 3,
  /** The configuration is refused (EX_CONFIG of sysexits.h). */
  config: 78,
} as const;
