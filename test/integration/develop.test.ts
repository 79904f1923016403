import { describe, expect, test } from "bun:test";
import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { RawClient } from "../support/raw-client.ts";
import { until } from "../support/until.ts";
import { startVilya, type VilyaServer } from "../support/vilya.ts";

const HTML = { headers: { accept: "text/html,*/*;q=0.8" } };

const APPS = {
  apps: {
    one: { runtime: "bun", entry: "one/server.ts", workers: { count: 1 } },
    two: { runtime: "bun", entry: "two/server.ts", workers: { count: 1 } },
  },
  routes: [
    { path: "/two/*", app: "two" },
    { path: "/files/*", static: { root: "files", strip_prefix: "/files" } },
    { path: "/*", app: "one" },
  ],
};

/** Answers a page with `text` and the worker's process. */
function page(text: string): string {
  return `export default {
  fetch(request: Request): Response {
    if (request.url.endsWith("/throw")) throw new Error("thrown <here>");
    if (request.url.endsWith("/exit")) { console.error("the last words"); process.exit(7); }
    return new Response("<h1>${text} " + process.pid + "</h1>", { headers: { "content-type": "text/html" } });
  },
};
`;
}

const FILES = {
  "one/server.ts": page("one"),
  "two/server.ts": page("two"),
  "files/a.css": "a {}",
  "files/a.html": "<p>",
};

async function startDevelopment(
  config: Readonly<Record<string, unknown>> = APPS,
  expectedErrors: readonly string[] = [],
): Promise<VilyaServer> {
  const server = await startVilya({ subcommand: "dev", config, files: FILES, expectedErrors });
  await server.logged("watching files");
  return server;
}

/** Saves a file in one step, so that it is one change however slow the machine is. */
function save(server: VilyaServer, path: string, text: string): void {
  const beside = `${server.directory}.saved`;
  writeFileSync(beside, text);
  renameSync(beside, join(server.directory, path));
}

async function textOf(server: VilyaServer, path: string, init?: RequestInit): Promise<string> {
  return (await fetch(server.url + path, init)).text();
}

/** What a page hears of. */
async function follow(server: VilyaServer): Promise<RawClient> {
  const client = await RawClient.connect(server.port);
  client.send("GET /.vilya/events HTTP/1.1\r\nHost: localhost\r\n\r\n");
  await client.untilReceived("data: ");
  return client;
}

function toldCount({ received }: RawClient): number {
  return received.split("data: ").length - 1;
}

describe("vilya dev", () => {
  test("runs what is saved, in the app whose file it is and in no other, and has pages load again", async () => {
    await using server = await startDevelopment();
    const two = await textOf(server, "/two/");
    using client = await follow(server);
    save(server, "one/server.ts", page("changed"));
    await until("the new code", async () => (await textOf(server, "/")).includes("changed"));
    await client.until("the word", () => toldCount(client) >= 2);
    expect(await textOf(server, "/two/")).toBe(two);
    expect(server.log.filter(({ event }) => event === "reloaded")).toMatchObject([{ app: "one" }]);
  });

  test("has pages load again when a file for everybody changes, and reloads no app", async () => {
    await using server = await startDevelopment();
    using client = await follow(server);
    save(server, "files/a.css", "b {}");
    await client.until("the word", () => toldCount(client) >= 2);
    expect(await textOf(server, "/files/a.css")).toBe("b {}");
    expect(server.log.some(({ event }) => event === "reloaded")).toBe(false);
  });

  test("applies the configuration, and watches what is in it then", async () => {
    await using server = await startDevelopment();
    const routes = [{ path: "/only/*", app: "two" }, ...APPS.routes];
    server.configure({ ...APPS, routes });
    await until("the route", async () => (await textOf(server, "/only/")).includes("two"));
    await server.logged("watching files", 2);
    save(server, "two/server.ts", page("changed"));
    await until("the new code", async () => (await textOf(server, "/only/")).includes("changed"));
  });

  test("puts its script into pages that a browser shows, and into nothing else", async () => {
    await using server = await startDevelopment();
    const script = '<script src="/.vilya/reload.js" async></script>';
    for (const path of ["/", "/files/a.html"]) expect(await textOf(server, path, HTML)).toEndWith(script);
    expect(await textOf(server, "/")).not.toContain(script);
    expect(await textOf(server, "/files/a.css", HTML)).toBe("a {}");
    const fragment = { headers: { ...HTML.headers, "sec-fetch-dest": "empty" } };
    expect(await textOf(server, "/", fragment)).not.toContain(script);
    expect(await textOf(server, "/.vilya/reload.js")).toContain("EventSource");
    await using production = await startVilya({ config: APPS, files: FILES });
    expect(await textOf(production, "/", HTML)).not.toContain(".vilya");
  });

  test("shows what was thrown with its source, and what a worker wrote before it died", async () => {
    await using server = await startDevelopment(APPS, ["worker reported an error", "worker crashed"]);
    const thrown = await fetch(`${server.url}/throw`, HTML);
    const text = await thrown.text();
    expect([thrown.status, thrown.headers.get("content-type")]).toEqual([500, "text/html; charset=utf-8"]);
    for (const part of ["thrown &lt;here&gt;", "<h2>server.ts:3</h2>", "GET /throw"]) expect(text).toContain(part);
    const died = await fetch(`${server.url}/exit`, { ...HTML, method: "POST" });
    expect([died.status, (await died.text()).includes("the last words")]).toEqual([502, true]);
    expect(await textOf(server, "/throw")).not.toContain("here");
  });

  test("shows nothing of it under a name that may be anybody's", async () => {
    await using server = await startDevelopment(APPS, ["worker reported an error"]);
    const text = await textOf(server, "/throw", { headers: { ...HTML.headers, host: "attacker.example" } });
    expect(text).not.toContain("thrown");
  });

  test("shows why new code or a new configuration does not serve, until it does", async () => {
    const errors = ["worker failed to start", "worker crashed", "workers keep failing", "configuration refused"];
    await using server = await startDevelopment(APPS, [...errors, "not reloaded, everything stays as it is"]);
    save(server, "one/server.ts", "export default {\n  fetch() {\n    return new Response(;\n  },\n};\n");
    await until("the problem", async () => (await textOf(server, "/", HTML)).includes("server.ts:3"));
    expect(await textOf(server, "/")).toContain("<h1>one ");
    save(server, "one/server.ts", page("mended"));
    await until("the page", async () => (await textOf(server, "/", HTML)).includes("<h1>mended "));
    server.configure({ ...APPS, routs: [] });
    await until("the problem", async () => (await textOf(server, "/", HTML)).includes("routs"));
    server.configure(APPS);
    await until("the page", async () => (await textOf(server, "/", HTML)).includes("<h1>mended "));
  });

  test("shows why an app does not start at all, and serves it as soon as it can", async () => {
    const expectedErrors = ["worker failed to start", "workers keep failing"];
    const config = { runtime: "bun", entry: "server.ts", workers: { count: 1 } };
    const files = { "server.ts": "export default {\n  fetch( {\n" };
    await using server = await startVilya({ subcommand: "dev", config, files, expectedErrors, waitFor: "listening" });
    await server.logged("watching files");
    await until("the reason", async () => (await textOf(server, "/", HTML)).includes("<h2>server.ts:"));
    save(server, "server.ts", page("mended"));
    await until("the page", async () => (await textOf(server, "/", HTML)).includes("<h1>mended "));
    // What the engine writes below the app's folder is no change of it.
    expect(server.log.filter(({ event }) => event === "files changed").length).toBe(1);
  });

  test("prints a line for every request, and stops at once though pages listen", async () => {
    await using server = await startDevelopment();
    using client = await follow(server);
    await textOf(server, "/two/?a=b");
    await until("its line", () => /^GET \/two\/\?a=b 200 \d+(?:\.\d+)? ms two$/m.test(server.stdout));
    const startMs = performance.now();
    expect((await server.stop()).exitCode).toBe(0);
    expect(performance.now() - startMs).toBeLessThan(20_000);
    await client.untilEnd();
    expect(server.stdout).not.toContain("/.vilya/");
  });
});
