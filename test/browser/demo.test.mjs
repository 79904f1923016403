import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "bun:test";
import { parse } from "yaml";

import { withoutApps } from "../../scripts/lib/demo-config.mjs";
import { startVilya } from "../support/vilya.ts";
import { launchChromium } from "./chromium.mjs";

const REPOSITORY = join(import.meta.dir, "../..");
const browser = await launchChromium();

afterAll(() => browser?.close());

let startedCount = 0;

/** The demo as `npm start` has it, on ports of its own; `missing` says what to type for apps that cannot run. */
function startDemo(missing = {}) {
  const text = withoutApps(readFileSync(join(REPOSITORY, "examples/demo/vilya.yaml"), "utf8"), missing);
  const { server: _, ...config } = parse(text.replaceAll("examples/demo", join(REPOSITORY, "examples/demo")));
  // The app has to know the port before the start: one that is always free, at an address that no other test has.
  const host = `127.${process.pid >> 16}.${(process.pid >> 8) & 255}.${(process.pid & 255) ^ 128}`;
  const port = 9_090 + startedCount++;
  config.admin = { host, port };
  config.apps.typescript.env.ADMIN_ORIGIN = `http://${host}:${port}`;
  return startVilya({ config });
}

/** A page that keeps what it complained about and whom it asked. */
async function visit(url, options = {}) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const complaints = [];
  page.on("console", (message) => ["error", "warning"].includes(message.type()) && complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("request", (request) => request.url().startsWith(`${url}/`) || complaints.push(request.url()));
  await page.goto(url);
  await page.getByRole("heading", { name: "TypeScript" }).waitFor();
  return { page, complaints, [Symbol.asyncDispose]: () => context.close() };
}

async function sayInChat(page, text) {
  await page.locator("#chat-state", { hasText: "online" }).waitFor();
  await page.getByLabel("Message", { exact: true }).fill(text);
  await page.getByRole("button", { name: "Send", exact: true }).click();
}

const cardOf = (page, title) => page.locator("article").filter({ has: page.getByRole("heading", { name: title }) });

describe.skipIf(browser === null)("The demo in Chromium", () => {
  test("shows what each app answers, and which worker did", async () => {
    await using server = await startDemo();
    await using visitor = await visit(server.url);
    const { page, complaints } = visitor;
    for (const title of ["PHP", "Python", "TypeScript"]) {
      const card = cardOf(page, title);
      await card.getByRole("button", { name: "Ask", exact: true }).click();
      await card.getByText(/^Hello, \w+!Process \d+, its request number \d+/).waitFor();
      await card.getByRole("button", { name: "Ask 100 times" }).click();
      await card.getByText(/^100 answers in/).waitFor();
    }
    await page.getByRole("status").filter({ hasText: "live" }).waitFor();
    const name = /PHP \d+, PHP \d+, Python \d+, Python \d+, TypeScript \d+, TypeScript \d+$/;
    await page.getByRole("img", { name }).waitFor();
    await page.locator(".worker.answered").first().waitFor();
    expect(complaints).toEqual([]);
  });

  test("lets guests of PHP and of TypeScript talk in one room", async () => {
    await using server = await startDemo();
    await using first = await visit(server.url);
    await using second = await visit(server.url);
    await second.page.locator("#chat-identity").getByRole("radio", { name: "TypeScript" }).check();
    await sayInChat(first.page, "<b>Grüße</b>");
    await second.page.getByText(/, through PHP<b>Grüße<\/b>$/).waitFor();
    await sayInChat(second.page, "Ahoy");
    await first.page.getByText(/, through TypeScriptAhoy$/).waitFor();
    expect([...first.complaints, ...second.complaints]).toEqual([]);
  });

  test("takes uploads, and says so when they are too large", async () => {
    await using server = await startDemo();
    await using visitor = await visit(server.url);
    const { page } = visitor;
    for (const title of ["PHP", "Python", "TypeScript"]) {
      await page.locator("#upload-form").getByRole("radio", { name: title }).check();
      await page
        .locator("#file")
        .setInputFiles({ name: "a.txt", mimeType: "text/plain", buffer: Buffer.alloc(12_345) });
      await page.getByRole("button", { name: "Upload", exact: true }).click();
      await page.getByText(new RegExp(`^12,345 bytes in .*is what your browser computes, too`)).waitFor();
    }
    await page.locator("#file").setInputFiles({ name: "b", mimeType: "text/plain", buffer: Buffer.alloc(10_500_000) });
    await page.getByRole("button", { name: "Upload", exact: true }).click();
    await page.getByText("10,500,000 bytes are more than server.max_body_size allows").waitFor();
  });

  test("is served without PHP and Python, and says what to install", async () => {
    const hint = "sudo apt-get update && sudo apt-get install php";
    await using server = await startDemo({ php: hint, python: "install Python" });
    await using visitor = await visit(server.url);
    const { page } = visitor;
    await cardOf(page, "PHP").getByText(hint).waitFor();
    await cardOf(page, "Python").getByText("install Python").waitFor();
    await cardOf(page, "TypeScript").getByRole("button", { name: "Ask", exact: true }).click();
    await page.getByText(/^Hello, \w+!Process/).waitFor();
    await sayInChat(page, "Anybody?");
    await page.getByText(/, through TypeScriptAnybody\?$/).waitFor();
    expect(await page.getByRole("radio", { name: "PHP" }).first().isDisabled()).toBe(true);
  });

  test("can be used with the keyboard alone", async () => {
    await using server = await startDemo();
    await using visitor = await visit(server.url);
    const { page } = visitor;
    const focused = () => page.evaluate(() => document.activeElement.textContent.trim());
    await page.keyboard.press("Tab");
    expect(await focused()).toBe("Skip to the content");
    await page.keyboard.press("Enter");
    await page.keyboard.press("Tab");
    expect(await focused()).toBe("Ask");
    const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
    expect(outline).toBe("solid");
    await page.keyboard.press("Enter");
    await page.getByText(/^Hello, \w+!Process/).waitFor();
    expect(await focused()).toBe("Ask");
  });

  test("moves nothing where less motion is asked for", async () => {
    await using server = await startDemo();
    await using visitor = await visit(server.url, { reducedMotion: "reduce" });
    const { page } = visitor;
    await page.getByRole("img", { name: /PHP \d+/ }).waitFor();
    await cardOf(page, "PHP").getByRole("button", { name: "Ask 100 times" }).click();
    await page.getByText(/^100 answers in/).waitFor();
    expect(await page.evaluate(() => document.getAnimations().length)).toBe(0);
    expect(await page.locator(".worker.answered").count()).toBeGreaterThan(0);
  });

  test("fits desktops and phones, in light and in dark, with colors that can be read", async () => {
    await using server = await startDemo();
    for (const width of [320, 390, 768, 1280]) {
      for (const colorScheme of ["light", "dark"]) {
        await using visitor = await visit(server.url, { viewport: { width, height: 800 }, colorScheme });
        const { page, complaints } = visitor;
        await page.getByRole("img", { name: /PHP \d+/ }).waitFor();
        const look = await page.evaluate(readLook);
        expect(look).toEqual({ overflow: 0, unreadable: [], small: [] });
        expect(complaints).toEqual([]);
      }
    }
  });
});

/** Runs in the page: what sticks out, what is hard to read (WCAG 1.4.3: a contrast of 4.5), what is hard to press (2.5.8: 24 pixels). */
function readLook() {
  const context = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgbOf = (color, below) => {
    context.fillStyle = `rgb(${below})`;
    context.fillRect(0, 0, 1, 1);
    context.fillStyle = color;
    context.fillRect(0, 0, 1, 1);
    return [...context.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const luminance = (rgb) => {
    const [red, green, blue] = rgb.map((value) =>
      value <= 10 ? value / 3294.6 : ((value / 255 + 0.055) / 1.055) ** 2.4,
    );
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const backgroundOf = (element) => {
    const below = element.parentElement === null ? [255, 255, 255] : backgroundOf(element.parentElement);
    return rgbOf(getComputedStyle(element).backgroundColor, below);
  };
  const isShown = (element) =>
    element.checkVisibility({ visibilityProperty: true }) && element.closest(".unseen, .skip, svg") === null;
  const hasText = (element) =>
    [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim() !== "");
  const unreadable = [...document.body.querySelectorAll("*")]
    .filter((element) => isShown(element) && hasText(element))
    .filter((element) => {
      const background = backgroundOf(element);
      const [a, b] = [background, rgbOf(getComputedStyle(element).color, background)].map(luminance);
      return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05) < 4.5;
    })
    .map((element) => element.outerHTML.slice(0, 80));
  const small = [...document.querySelectorAll("button, input, nav a")]
    .filter(isShown)
    .filter((element) => element.getBoundingClientRect().height < 24)
    .map((element) => element.outerHTML.slice(0, 80));
  return { overflow: document.documentElement.scrollWidth - innerWidth, unreadable, small };
}
