/** What the process says when it ends; `docs/reference/cli.md` has the table. */
export const EXIT_CODE = {
  ok: 0,
  /** It started, or tried to, and failed: a busy port, a front that does not come up. */
  failure: 1,
  /** The command line is not understood. */
  usage: 2,
  /** The configuration is refused (EX_CONFIG of sysexits.h). */
  config: 78,
} as const;
