import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { METRIC_FAMILIES } from "./metric-families.ts";

test("docs/guides/grafana.json › asks for metrics that there are, by labels that they have", () => {
  const text = readFileSync(join(import.meta.dir, "../../docs/guides/grafana.json"), "utf8");
  const { panels } = JSON.parse(text) as { panels: { targets: { expr: string }[] }[] };
  const expressions = panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
  expect(expressions.length).toBeGreaterThan(15);
  for (const expression of expressions) {
    for (const [, name = ""] of expression.matchAll(/\b(vilya_[a-z_]+)/g)) {
      const base = name.replace(/_bucket$/, "");
      expect([name, Object.hasOwn(METRIC_FAMILIES, base)]).toEqual([name, true]);
    }
    for (const [, name = "", selectors = ""] of expression.matchAll(/\b(vilya_[a-z_]+)\{([^}]*)\}/g)) {
      const family = METRIC_FAMILIES[name.replace(/_bucket$/, "") as `vilya_${string}`];
      for (const [, label = ""] of selectors.matchAll(/(\w+)=/g)) expect(family?.labels).toContain(label);
    }
  }
});
