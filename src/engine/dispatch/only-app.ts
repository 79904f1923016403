import type { Config } from "../../config/config.ts";

/** The app that every request is for: without routes, or with one that asks for nothing; null where routes have to choose. */
export function onlyApp({ apps, routes }: Pick<Config, "apps" | "routes">): string | null {
  const [route] = routes;
  if (route === undefined) return apps[0]?.name ?? null;
  const { match, rewrite, action, policies } = route;
  const isPlain =
    routes.length === 1 &&
    rewrite === null &&
    Object.values(policies).every((policy) => policy === null || policy === false) &&
    match.path === "/*" &&
    [match.hosts, match.methods, Object.keys(match.query), Object.keys(match.headers)].every(
      (each) => each.length === 0,
    );
  return isPlain &&
    action.kind === "app" &&
    action.streamsRequests === null &&
    action.parsesForms === null &&
    action.timeoutMs === null
    ? action.app
    : null;
}
