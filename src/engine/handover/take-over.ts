import { VERSION } from "../../base/version.ts";
import type { FrontGroup, FrontKind } from "../master/front-group.ts";
import type { Handover } from "./handover-taker.ts";
import { FrontReplacementError } from "../master/supervised-front.ts";

/**
 * Has the first fronts accept beside those of the master before this one, and tells that one.
 *
 * @returns false when it does not come to that: the other master goes on, and this one has to end.
 */
export async function takeOver(handover: Handover, fronts: FrontGroup, kind: FrontKind): Promise<boolean> {
  try {
    await fronts.replace(kind);
  } catch (error) {
    if (!(error instanceof FrontReplacementError)) throw error;
    handover.answer({ kind: "failed", reason: error.message, apps: error.apps });
    return false;
  }
  handover.answer({ kind: "serving", version: VERSION });
  return true;
}
