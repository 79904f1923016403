import { describe, expect, test } from "bun:test";

import { outcomeOf } from "./php-app.ts";
import { until } from "./until.ts";
import { startVilya } from "./vilya.ts";

/**
 * Holds an app that counts each request, by its path, to what metrics of apps are in every language: of each request it says `orders` by one
 * with the label `path`, `stock` is 12.5, and `payment_seconds` 0.02; it answers `counted`.
 */
export function testUserMetrics(language: string, app: Readonly<Record<string, unknown>>): void {
  describe(`Metrics of an app in ${language}`, () => {
    test("are added up over its workers, and outlive them", async () => {
      await using server = await startVilya({ config: { ...app, workers: { count: 2 } } });
      const { port } = await server.logged("admin listening");
      const admin = `http://127.0.0.1:${String(port)}`;
      const scrape = async (): Promise<string> => (await fetch(`${admin}/metrics`)).text();
      for (let count = 0; count < 4; count++) expect(await outcomeOf(`${server.url}/a`)).toBe("200 counted");
      const before = await server.workerPids();
      await fetch(`${admin}/v1/reload`, { method: "POST", body: "{}" });
      await until("the end of the old workers", async () =>
        (await server.workerPids()).every((pid) => !before.includes(pid)),
      );
      expect(await outcomeOf(`${server.url}/b`)).toBe("200 counted");
      const text = await until("all samples", async () => {
        const now = await scrape();
        return now.includes('orders_total{app="default",path="/b"} 1\n') ? now : null;
      });
      expect(text).toContain("# HELP orders_total Orders taken.\n# TYPE orders_total counter\n");
      expect(text).toContain('orders_total{app="default",path="/a"} 4\n');
      expect(text).toContain('stock{app="default"} 12.5\n');
      expect(text).toContain('payment_seconds_bucket{app="default",le="0.025"} 5\n');
      expect(text).toContain('payment_seconds_count{app="default"} 5\n');
    });
  });
}
