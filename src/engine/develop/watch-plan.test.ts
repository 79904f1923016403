import { describe, expect, test } from "bun:test";

import { fakeConfigSystem } from "../../../test/support/fake-config-system.ts";
import { loadConfig } from "../../config/load-config.ts";
import { concernOf, ownPathsOf, planWatch, type WatchedFolder } from "./watch-plan.ts";

const YAML = `
apps:
  shop: { php: { worker_script: shop/bin/worker.php }, static: { root: shop/public } }
  api: { runtime: bun, entry: api/server.ts }
  stub: { runtime: stub }
routes:
  - { path: /api/*, app: api }
  - { path: /docs/*, static: { root: docs } }
  - { path: /*, app: shop }
`;

describe("planWatch", () => {
  test("has the folder of each app that has workers, and of files for everybody", () => {
    const files = {
      "vilya.yaml": YAML,
      "shop/bin/worker.php": "",
      "shop/public/a.css": "",
      "api/server.ts": "",
      "docs/a": "",
    };
    const { config } = loadConfig({ file: null, overrides: [] }, fakeConfigSystem({ files }));
    expect(planWatch(config)).toEqual([
      { path: "/app/shop/bin", app: "shop" },
      { path: "/app/api", app: "api" },
      { path: "/app/shop/public", app: null },
      { path: "/app/docs", app: null },
    ]);
  });
});

describe("ownPathsOf", () => {
  test("names what the engine writes", () => {
    const text = "runtime: stub\nruntime_dir: run\nserver: { body_dir: bodies }\nlogging: { access_log: access.txt }\n";
    const { config } = loadConfig(
      { file: null, overrides: [] },
      fakeConfigSystem({ files: { "vilya.yaml": text, "bodies/a": "", "run/a": "" } }),
    );
    expect(ownPathsOf(config)).toEqual(["/app/run", "/app/bodies", "/app/access.txt"]);
  });
});

describe("concernOf", () => {
  const folders: readonly WatchedFolder[] = [
    { path: "/app", app: "shop" },
    { path: "/app/api", app: "api" },
    { path: "/app/api", app: "worker" },
    { path: "/app/public", app: null },
  ];

  test.each([
    ["/app/src/a.php", { isConfig: false, apps: ["shop"], isPage: false }],
    ["/app/api/a.ts", { isConfig: false, apps: ["api", "worker"], isPage: false }],
    ["/app/public/a.css", { isConfig: false, apps: [], isPage: true }],
    ["/app/public/a.png", { isConfig: false, apps: [], isPage: true }],
    ["/app/upload.png", { isConfig: false, apps: [], isPage: false }],
    ["/app/node_modules/a.js", { isConfig: false, apps: [], isPage: false }],
    ["/app/vilya.yaml", { isConfig: true, apps: [], isPage: false }],
    ["/application/a.php", { isConfig: false, apps: [], isPage: false }],
  ])("of %s is whose folder is the deepest", (path, concern) => {
    expect(concernOf(folders, "/app/vilya.yaml", [path])).toEqual(concern);
  });

  test("of several is all of it, each app once", () => {
    const paths = ["/app/a.php", "/app/b.php", "/app/public/a.css", "/app/vilya.yaml"];
    expect(concernOf(folders, "/app/vilya.yaml", paths)).toEqual({ isConfig: true, apps: ["shop"], isPage: true });
  });
});
