import { join } from "node:path";
import { afterAll, describe, expect, test } from "bun:test";

import { ensureProgram } from "../../scripts/lib/system-packages.mjs";
import { testAuthority } from "../support/certificates.ts";
import { phpApp } from "../support/php-app.ts";
import { until } from "../support/until.ts";
import { startVilya } from "../support/vilya.ts";
import { launchChromium } from "./chromium.mjs";

const REPOSITORY = join(import.meta.dir, "../..");

const browser = (await ensureProgram("ss")) ? await launchChromium() : null;

afterAll(() => browser?.close());

function startChat() {
  const { certificatePem, keyPem } = testAuthority().issue({ names: ["127.0.0.1"], commonName: "chat" });
  const listener = { host: "127.0.0.1", port: 0 };
  const tls = { certificates: [{ cert: "a.crt", key: "a.key" }] };
  const config = phpApp({
    server: { listeners: [listener, { ...listener, tls }] },
    php: { worker_script: join(REPOSITORY, "examples/chat/worker.php") },
    workers: { count: 6 },
  });
  return startVilya({ config, files: { "a.crt": certificatePem, "a.key": keyPem } });
}

/** Connections that stand at a port of ours, by the server's end of them. */
function connectionCount(port) {
  const { stdout } = Bun.spawnSync(["ss", "-Htn", "state", "established", "sport", "=", `:${port}`]);
  return stdout
    .toString()
    .split("\n")
    .filter((line) => line !== "").length;
}

describe.skipIf(browser === null)("The chat of the examples in Chromium", () => {
  test.each([
    ["HTTP/1.1 in the clear", 0, "http/1.1"],
    ["HTTP/2 over TLS", 1, "h2"],
  ])("talks over a WebSocket and follows an event stream, by %s", async (_, index, protocol) => {
    await using server = await startChat();
    const context = await browser.newContext({ ignoreHTTPSErrors: true, colorScheme: "dark" });
    try {
      const open = async (name) => {
        const page = await context.newPage();
        await page.goto(`${server.urls[index]}/?name=${name}`);
        await page.getByText(`Welcome, ${name}`).waitFor();
        return page;
      };
      const ada = await open("Ada");
      const bob = await open("Bob");
      await ada.getByText("Bob has come").waitFor();

      await bob.getByLabel("Message").fill("<b>Grüße</b> & Küsse");
      await bob.getByRole("button", { name: "Send" }).click();
      for (const page of [ada, bob]) await page.getByText("Bob<b>Grüße</b> & Küsse").waitFor();

      const clock = ada.locator("#clock");
      await clock.filter({ hasText: /^\d\d:\d\d:\d\d$/ }).waitFor();
      const first = await clock.textContent();
      await clock.filter({ hasNotText: first }).waitFor();

      await ada.evaluate(() => fetch("/say", { method: "POST", body: "Tea is ready" }));
      await bob.getByText("A requestTea is ready").waitFor();
      const protocols = await ada.evaluate(() =>
        ["navigation", "resource"].flatMap((type) =>
          performance.getEntriesByType(type).map((entry) => entry.nextHopProtocol),
        ),
      );
      expect(protocols.length).toBeGreaterThan(1);
      expect(new Set(protocols)).toEqual(new Set([protocol]));

      // Two pages with a socket and a stream each: HTTP/2 carries all four on one connection (RFC 8441 for the sockets).
      const count = () => connectionCount(Number(new URL(server.urls[index]).port));
      // Where a handshake is slow the browser opens a second one, which the server closes when nothing is asked on it.
      if (protocol === "h2") await until("one connection for all", () => count() === 1);
      else expect(count()).toBeGreaterThanOrEqual(4);

      await bob.close();
      await ada.getByText("Bob has left").waitFor();
    } finally {
      await context.close();
    }
  });

  test("fits a phone, in light and in dark", async () => {
    await using server = await startChat();
    for (const colorScheme of ["light", "dark"]) {
      const context = await browser.newContext({ viewport: { width: 360, height: 640 }, colorScheme });
      const page = await context.newPage();
      await page.goto(`${server.url}/?name=Ada`);
      await page.getByText("Welcome, Ada").waitFor();
      const look = await page.evaluate(() => ({
        isWider: document.documentElement.scrollWidth > innerWidth,
        background: getComputedStyle(document.documentElement).colorScheme,
        isDark: matchMedia("(prefers-color-scheme: dark)").matches,
      }));
      expect(look).toEqual({ isWider: false, background: "light dark", isDark: colorScheme === "dark" });
      await context.close();
    }
  });
});
