import { assert } from "../base/assert.ts";
import type { Dispatch } from "../http/exchange.ts";
import { createFixedAnswer } from "../routing/fixed-answer.ts";
import { createRedirect } from "../routing/redirect-target.ts";
import type { RouteActions } from "../routing/route-target.ts";

/** Every action that a route may have, built on the apps by their names. */
export function createRouteActions(apps: ReadonlyMap<string, Dispatch>): RouteActions {
  return {
    app: ({ app }) => {
      const dispatch = apps.get(app);
      assert(dispatch !== undefined, "the configuration has checked its routes' apps");
      return dispatch;
    },
    redirect: createRedirect,
    respond: createFixedAnswer,
  };
}
