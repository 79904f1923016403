import { VERSION } from "../base/version.ts";
import { FrontReplacementError, type FrontSupervisor, type Replacement } from "./front-supervisor.ts";
import type { Handover } from "./handover-taker.ts";

/**
 * Has the first front accept beside the one of the master before this one, and tells that one.
 *
 * @returns false when it does not come to that: the other master goes on, and this one has to end.
 */
export async function takeOver(
  handover: Handover,
  supervisor: FrontSupervisor,
  replacement: Replacement,
): Promise<boolean> {
  try {
    await supervisor.replace(replacement);
  } catch (error) {
    if (!(error instanceof FrontReplacementError)) throw error;
    handover.answer({ kind: "failed", reason: error.message, apps: error.apps });
    return false;
  }
  handover.answer({ kind: "serving", version: VERSION });
  return true;
}
