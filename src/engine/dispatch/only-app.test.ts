import { expect, test } from "bun:test";
import { routeOf } from "../../../test/support/routed-exchange.ts";
import type { AppConfig } from "../../config/app-config.ts";
import { onlyApp } from "./only-app.ts";

const apps = [{ name: "shop" }, { name: "blog" }] as AppConfig[];
const action = { kind: "app", app: "blog", streamsRequests: null, parsesForms: null, timeoutMs: null } as const;

test.each([
  ["the first without routes", [], "shop"],
  ["that of the one route that takes everything", [routeOf({ action })], "blog"],
  ["none where the route has a condition", [routeOf({ action, match: { methods: ["GET"] } })], null],
  ["none where the route has a host", [routeOf({ action, match: { hosts: ["a.example"] } })], null],
  ["none where the route is for a part", [routeOf({ action, match: { path: "/x/*" } })], null],
  ["none where the request is rewritten", [routeOf({ action, rewrite: "/x" })], null],
  ["none where something stands before the app", [routeOf({ action, policies: { requestId: true } })], null],
  ["none where bodies are taken otherwise", [routeOf({ action: { ...action, streamsRequests: true } })], null],
  ["none where requests have another time", [routeOf({ action: { ...action, timeoutMs: 5 } })], null],
  ["none where no app answers", [routeOf({})], null],
  ["none of several", [routeOf({ action }), routeOf({ action })], null],
])("onlyApp › is %s", (_title, routes, expected) => {
  expect(onlyApp({ apps, routes })).toBe(expected);
});
