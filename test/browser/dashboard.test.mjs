import { join } from "node:path";
import { afterAll, describe, expect, test } from "bun:test";
import { chromium } from "playwright-core";

import { say } from "../../scripts/lib/report.mjs";
import { ensureProgram, howToInstall } from "../../scripts/lib/system-packages.mjs";
import { phpApp } from "../support/php-app.ts";
import { until } from "../support/until.ts";
import { startVilya } from "../support/vilya.ts";

const hasChromium = await ensureProgram("chromium");
if (!hasChromium) say(`Skipped, because there is no Chromium and none could be installed: ${howToInstall("chromium")}`);

const browser = hasChromium
  ? await chromium.launch({ executablePath: Bun.which("chromium"), args: ["--no-sandbox", "--disable-gpu"] })
  : null;

afterAll(() => browser?.close());

/** Set to a folder to keep the pictures: `VILYA_SCREENSHOTS=/tmp bun test test/browser`. */
const pictures = process.env.VILYA_SCREENSHOTS;

async function open(server, options = {}, path = "/") {
  const { port } = await server.logged("admin listening");
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const faults = [];
  const hosts = new Set();
  page.on("pageerror", (error) => faults.push(error.message));
  page.on("console", (message) => message.type() === "error" && faults.push(message.text()));
  page.on("request", (request) => hosts.add(new URL(request.url()).host));
  await page.goto(`http://127.0.0.1:${port}${path}`);
  return { context, page, faults, hosts, host: `127.0.0.1:${port}` };
}

describe.skipIf(!hasChromium)("The dashboard in Chromium", () => {
  test("shows what happens, asks nobody else, and does what its buttons say", async () => {
    await using server = await startVilya({ config: phpApp() });
    const { context, page, faults, hosts, host } = await open(server);
    try {
      await page.getByText("Ready", { exact: true }).waitFor();
      let isLoading = true;
      const load = Promise.all(
        Array.from({ length: 4 }, async () => {
          while (isLoading) await fetch(`${server.url}/sleep?ms=30`);
        }),
      );
      await page.locator("#tile-rate", { hasText: /^[1-9]/ }).waitFor();
      isLoading = false;
      await load;
      await page.getByRole("row", { name: /^1 / }).first().waitFor();
      await page.locator("#slow li", { hasText: "GET /sleep" }).first().waitFor();
      expect(await page.locator("canvas").count()).toBe(4);
      expect(await page.locator("#fronts").isVisible()).toBe(false);
      expect(await page.locator("#chart-rate [role=img]").getAttribute("aria-label")).toMatch(
        /^Throughput .* requests \d/,
      );

      await fetch(`${server.url}/fatal`);
      await page.locator("#ends", { hasText: "crashed" }).waitFor();
      await page.locator("#ends pre", { hasText: "Fatal error" }).waitFor();
      await page.getByRole("log").getByText("worker crashed").waitFor();

      const before = await server.workerPids();
      await page.getByRole("button", { name: "One worker more for default" }).click();
      await page.getByText("default is to have 3 workers").waitFor();
      await page.locator("#app-rows output", { hasText: "3/3" }).waitFor();
      await page.getByRole("button", { name: "Reload default" }).click();
      await page.getByText("default is reloaded").waitFor();
      await until("the end of the old workers", async () =>
        (await server.workerPids()).every((pid) => !before.includes(pid)),
      );

      await page
        .getByRole("button", { name: /^Last output of worker/ })
        .first()
        .press("Enter");
      await page.locator("tr.detail:not([hidden])").waitFor();
      await page.getByLabel("Level").selectOption("error");
      expect(await page.getByRole("log").locator("p").count()).toBe(0);
      if (pictures) await page.screenshot({ path: join(pictures, "dashboard.png"), fullPage: true });
      expect(faults).toEqual([]);
      expect([...hosts]).toEqual([host]);
    } finally {
      await context.close();
    }
  });

  test("fits a phone, in light and in dark, and is operated by the keyboard alone", async () => {
    await using server = await startVilya({ config: phpApp() });
    for (const colorScheme of ["light", "dark"]) {
      const { context, page, faults } = await open(server, { viewport: { width: 360, height: 640 }, colorScheme });
      await page.getByText("Ready", { exact: true }).waitFor();
      await page.getByRole("row", { name: /^1 / }).first().waitFor();
      expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBe(0);
      const brightness = () =>
        page.evaluate(() => Math.max(...getComputedStyle(document.body).backgroundColor.match(/\d+/g).map(Number)));
      expect((await brightness()) > 128).toBe(colorScheme === "light");
      const reached = [];
      for (let count = 0; count < 6; count++) {
        await page.keyboard.press("Tab");
        reached.push(
          await page.evaluate(
            () => document.activeElement.getAttribute("aria-label") ?? document.activeElement.textContent,
          ),
        );
      }
      expect(reached.slice(0, 3)).toEqual([
        "Skip to the apps",
        "Reload the configuration and all apps",
        "Switch between light and dark",
      ]);
      await page.getByRole("button", { name: "Switch between light and dark" }).press("Enter");
      expect((await brightness()) > 128).toBe(colorScheme === "dark");
      if (pictures) await page.screenshot({ path: join(pictures, `phone-${colorScheme}.png`) });
      expect(faults).toEqual([]);
      await context.close();
    }
  });

  test("asks for the token where there is one, and keeps it for this tab alone", async () => {
    const token = "0123456789abcdef-secret";
    const config = { admin: { host: "0.0.0.0", port: 0, token_file: "token" } };
    await using server = await startVilya({ config, files: { token } });
    const { context, page } = await open(server);
    await page.getByLabel("Token", { exact: true }).fill(token);
    await page.getByRole("button", { name: "Open" }).click();
    await page.getByText("Ready", { exact: true }).waitFor();
    expect(await page.evaluate(() => Object.values(localStorage).join(" "))).not.toContain("secret");
    await context.close();
  });

  test("tells several fronts apart, and says which does not answer", async () => {
    await using server = await startVilya({ config: phpApp({ fronts: 2 }) });
    const { context, page, faults } = await open(server);
    try {
      const fronts = page.getByRole("region", { name: "Fronts" });
      await fronts.getByRole("row", { name: /^1 ready/ }).waitFor();
      expect(await fronts.getByRole("row").count()).toBe(3);
      const [, second] = await server.frontPids(2);
      server.signal("SIGSTOP", second);
      await page.getByText("Front 1 does not answer; another one accepts in its place.").waitFor();
      await fronts.getByRole("row", { name: /^1 does not answer/ }).waitFor();
      await page.getByText("Ready", { exact: true }).waitFor();
      server.signal("SIGCONT", second);
      await fronts.getByRole("row", { name: /^1 ready/ }).waitFor();
      expect(faults).toEqual([]);
    } finally {
      await context.close();
    }
  });

  test("shows what workers print as text, whatever it is", async () => {
    await using server = await startVilya({ config: phpApp() });
    const { context, page } = await open(server);
    await page.getByText("Ready", { exact: true }).waitFor();
    await fetch(`${server.url}/print?out=${encodeURIComponent('<img src=x onerror="document.title=1">\n')}`);
    await page.getByRole("log").getByText('<img src=x onerror="document.title=1">').waitFor();
    expect(await page.locator("#log img").count()).toBe(0);
    await context.close();
  });
});
