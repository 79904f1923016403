import { assert } from "../base/assert.ts";
import type { Dispatch } from "../http/exchange.ts";
import { serveStatic } from "../http/static/static-dispatch.ts";
import { StaticSite } from "../http/static/static-site.ts";
import { createFixedAnswer } from "../routing/fixed-answer.ts";
import { createRedirect } from "../routing/redirect-target.ts";
import type { RouteActions } from "../routing/route-target.ts";
import type { Logger } from "../telemetry/logger.ts";

/** Every action that a route may have, built on the apps by their names. */
export function createRouteActions(apps: ReadonlyMap<string, Dispatch>, log: Logger): RouteActions {
  return {
    app: ({ app }) => {
      const dispatch = apps.get(app);
      assert(dispatch !== undefined, "the configuration has checked its routes' apps");
      return dispatch;
    },
    static: ({ files }) => serveStatic(new StaticSite(files, log), null),
    redirect: createRedirect,
    respond: createFixedAnswer,
  };
}
