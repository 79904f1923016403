import { VilyaError } from "../base/errors.ts";

/** The kernel refused what this process asked of it. `errno` is its reason, `EPERM` for instance. */
export class SystemCallError extends VilyaError {
  readonly code = "VILYA_SYSTEM_CALL_FAILED";
  readonly call: string;
  readonly errno: string;

  /** @param action what was to be done, as in "Cannot <action>". */
  constructor(action: string, call: string, errno: string) {
    super(`Cannot ${action}: ${call} failed with ${errno}, the kernel has to allow it`);
    this.call = call;
    this.errno = errno;
  }
}
