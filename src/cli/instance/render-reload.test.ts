import { describe, expect, test } from "bun:test";
import type { ReloadReport } from "../../admin/reload-report.ts";
import { renderReload } from "./render-reload.ts";

const REPORT: ReloadReport = {
  kind: "in-place",
  reason: null,
  problems: [],
  changes: [],
  apps: [{ app: "shop", failure: null }],
  durationMs: 12,
};

describe("renderReload", () => {
  test("says what was applied, and how", () => {
    const changes = [{ key: "workers.count", applied: "in-place" }] as const;
    expect(renderReload({ ...REPORT, changes })).toBe(
      "reloaded: the changes are applied in place, and new workers serve (12 ms)\n  workers.count  applied in place\n  app shop  new workers\n",
    );
  });

  test("says so where the configuration is the same, and what was set beside it has given way", () => {
    expect(renderReload(REPORT)).toStartWith(
      "reloaded: the numbers of the configuration hold again, and new workers serve (12 ms)\n",
    );
  });

  test("has the last words of workers that do not start, without what moves the cursor", () => {
    const failure = { reason: "a worker exited with code 1", stderr: ["no\u001b[2J database"] };
    const reason = "Cannot reload app shop: a worker exited with code 1; its old workers stay";
    expect(renderReload({ ...REPORT, kind: "refused", reason, apps: [{ app: "shop", failure }] })).toBe(
      "error: cannot reload app shop: a worker exited with code 1; its old workers stay\n  app shop  a worker exited with code 1\n    | no\\u{1b}[2J database\n",
    );
  });
});
