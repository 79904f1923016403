import { describe, expect, test } from "bun:test";
import { demoConfigFile, withoutApps } from "./demo-config.mjs";

const CONFIG = `
apps: { php: { workers: { count: 2 } }, other: {} }
routes:
  - { path: /php/*, app: php }
  - { path: /other, app: other }
  - { path: /*, static: { root: public } }
`;

describe("the demo's configuration", () => {
  test("answers with what to type where an app cannot run, and leaves the others as they are", () => {
    expect(JSON.parse(withoutApps(CONFIG, { php: "sudo apt-get install php-cli" }))).toEqual({
      apps: { other: {} },
      routes: [
        {
          path: "/php/*",
          respond: {
            status: 503,
            headers: { "Content-Type": "text/plain; charset=utf-8" },
            body: "sudo apt-get install php-cli",
          },
        },
        { path: "/other", app: "other" },
        { path: "/*", static: { root: "public" } },
      ],
    });
  });

  test("is the file of the examples where nothing is missing", () => {
    expect(demoConfigFile({})).toEndWith("/examples/demo/vilya.yaml");
  });
});
