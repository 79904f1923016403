import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "bun:test";

import { startVilya } from "../support/vilya.ts";
import { launchChromium } from "./chromium.mjs";

const browser = await launchChromium();

afterAll(() => browser?.close());

/** A page under a policy that lets nothing in but what comes from its own origin. */
const page = (text) => `export default { fetch() {
  const headers = { "content-type": "text/html", "content-security-policy": "default-src 'self'" };
  return new Response("<!doctype html><title>t</title><h1>${text}</h1>", { headers });
} };
`;

describe.skipIf(browser === null)("vilya dev in Chromium", () => {
  test("shows what is saved, and what is wrong with it, without a hand on the keyboard", async () => {
    const config = { runtime: "bun", entry: "server.ts", workers: { count: 1 }, name: "dev" };
    const expectedErrors = [
      "worker failed to start",
      "workers keep failing",
      "not reloaded, everything stays as it is",
    ];
    const files = { "server.ts": page("first") };
    await using server = await startVilya({ subcommand: "dev", config, files, expectedErrors });
    await server.logged("watching files");
    const save = (text) => writeFileSync(join(server.directory, "server.ts"), text);
    const tab = await browser.newPage();
    try {
      const followed = tab.waitForResponse((response) => response.url().endsWith("/.vilya/events"));
      await tab.goto(server.url);
      await tab.getByRole("heading", { name: "first" }).waitFor();
      await followed;
      save(page("second"));
      await tab.getByRole("heading", { name: "second" }).waitFor();
      save("export default {");
      await tab.getByRole("heading", { name: "Cannot reload app default" }).waitFor();
      save(page("third"));
      await tab.getByRole("heading", { name: "third" }).waitFor();
      expect(await tab.title()).toBe("t");
    } finally {
      await tab.close();
    }
  }, 120_000);
});
