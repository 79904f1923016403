import { VilyaError } from "../base/errors.ts";

/** The command line is not understood; nothing was done. */
export class UsageError extends VilyaError {
  override readonly code = "VILYA_CLI_USAGE";
  /** `try: …` or `did you mean …?` */
  readonly hint: string;

  constructor(message: string, hint: string) {
    super(message);
    this.hint = hint;
  }
}
