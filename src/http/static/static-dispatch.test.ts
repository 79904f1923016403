import { describe, expect, test } from "bun:test";
import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import {
  bodyOf,
  fieldOf,
  FILE_TIME,
  requestText,
  StaticServer,
  statusOf,
} from "../../../test/support/static-server.ts";
import { until } from "../../../test/support/until.ts";

describe("serveStatic", () => {
  test("serves a file with its type, validators and length", async () => {
    using server = new StaticServer();
    server.file("a/style.css", "body{}");
    const answer = await server.ask("/a/style.css");
    expect(statusOf(answer)).toBe(200);
    expect(fieldOf(answer, "Content-Type")).toBe("text/css;charset=utf-8");
    expect(fieldOf(answer, "Content-Length")).toBe("6");
    expect(fieldOf(answer, "Last-Modified")).toBe(FILE_TIME);
    expect(fieldOf(answer, "ETag")).toMatch(/^"[0-9a-f]+-6"$/);
    expect(fieldOf(answer, "Accept-Ranges")).toBe("bytes");
    expect(fieldOf(answer, "Vary")).toBeNull();
    expect(bodyOf(answer)).toBe("body{}");
  });

  test.each([0, 1, 65_536, 65_537, 99_999, 300_000])("serves %d bytes, first and second time", async (byteLength) => {
    using server = new StaticServer({ revalidateMs: 60_000 });
    const content = "0123456789".repeat(byteLength / 10 + 1).slice(0, byteLength);
    server.file("a.bin", content);
    for (let time = 0; time < 2; time++) expect(bodyOf(await server.ask("/a.bin"))).toBe(content);
    const head = await server.ask("/a.bin", [], "HEAD");
    expect([fieldOf(head, "Content-Length"), bodyOf(head)]).toEqual([String(byteLength), ""]);
  });

  test("answers requests on one connection in their order, pipelined ones too", async () => {
    using server = new StaticServer({ revalidateMs: 60_000 });
    const names = ["a", "b", "c", "d"];
    for (const [index, name] of names.entries()) server.file(`${name}.txt`, name.repeat(10 ** (index + 2)));
    using client = await server.connect();
    client.send(names.map((name) => requestText(`/${name}.txt`)).join(""));
    await client.until("all answers", ({ received }) => received.length > 111_100 && received.endsWith("d"));
    const bodies = client.received.match(/[abcd]{100,}/g)?.map((body) => body.charAt(0) + body.length);
    expect(bodies).toEqual(["a100", "b1000", "c10000", "d100000"]);
  });

  test("serves the index of a directory, and sends on to its slash", async () => {
    using server = new StaticServer();
    server.file("index.html", "root");
    server.file("docs/index.html", "docs");
    expect(bodyOf(await server.ask("/"))).toBe("root");
    expect(bodyOf(await server.ask("/docs/"))).toBe("docs");
    const moved = await server.ask("/docs?a=b&c=%0a");
    expect(statusOf(moved)).toBe(301);
    expect(fieldOf(moved, "Location")).toBe("/docs/?a=b&c=%0a");
    expect(statusOf(await server.ask("/docs/index.html/"))).toBe(404);
  });

  test.each([
    "/.env",
    "/.git/config",
    "/a/.hidden",
    "/index.php",
    "/INDEX.PHP",
    "/index.php/",
    "/index.php%00.txt",
    "/index%2ephp",
    "/index.php.",
    "/a.txt/",
    "/a.txt/more",
    "//a.txt",
    "/a//b.txt",
    "/%2fa.txt",
    "/../secret",
    "/%2e%2e/secret",
    "/..%2fsecret",
    "/a/..%5c..%5csecret",
    "/a/../../secret",
    "/%c0%ae%c0%ae/secret",
    "/outside",
    "/absolute",
    "/up/secret",
    "/proc-link",
    "/a%00.txt",
    `/${"a".repeat(256)}`,
    `/${"a/".repeat(2_500)}`,
    "/a",
    "/",
    "/missing",
  ])("does not serve %s", async (path) => {
    using server = new StaticServer({ deniedPatterns: ["*.php"] });
    for (const name of [".env", ".git/config", "a/.hidden", "index.php", "INDEX.PHP", "a/b.txt"])
      server.file(name, "x");
    server.file("a.txt", "a");
    writeFileSync(join(server.directory, "secret"), "secret");
    symlinkSync("../secret", join(server.root, "outside"));
    symlinkSync(join(server.directory, "secret"), join(server.root, "absolute"));
    symlinkSync("..", join(server.root, "up"));
    symlinkSync("/proc/self/environ", join(server.root, "proc-link"));
    const answer = await server.ask(path);
    expect(statusOf(answer)).toBe(404);
    expect(answer).not.toContain("secret");
    expect(server.log.events).toEqual([]);
  });

  test("serves .well-known, and nothing hidden in it", async () => {
    using server = new StaticServer();
    server.file(".well-known/security.txt", "x");
    server.file(".well-known/.private", "x");
    expect(statusOf(await server.ask("/.well-known/security.txt"))).toBe(200);
    expect(statusOf(await server.ask("/.well-known/.private"))).toBe(404);
  });

  test("neither opens nor waits for what is no regular file", async () => {
    using server = new StaticServer();
    execFileSync("mkfifo", [join(server.root, "fifo")]);
    execFileSync("python3", [
      "-c",
      "import socket,sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])",
      join(server.root, "s"),
    ]);
    mkdirSync(join(server.root, "directory"));
    for (const path of ["/fifo", "/s", "/directory", "/directory/"]) expect(statusOf(await server.ask(path))).toBe(404);
  });

  test("knows names that differ in their escapes alone as one file, and stray percent signs as none", async () => {
    using server = new StaticServer({ revalidateMs: 60_000 });
    server.file("a b%41.txt", "x");
    server.file("é.txt", "accented");
    expect(statusOf(await server.ask("/a%20b%2541.txt"))).toBe(200);
    expect(statusOf(await server.ask("/%61%20b%2541.txt"))).toBe(200);
    expect(statusOf(await server.ask("/a%20b%41.txt"))).toBe(404);
    expect(bodyOf(await server.ask("/%c3%a9.txt"))).toBe("accented");
  });

  test("says which methods a file takes", async () => {
    using server = new StaticServer();
    server.file("a.txt", "a");
    const options = await server.ask("/a.txt", [], "OPTIONS");
    expect([statusOf(options), fieldOf(options, "Allow")]).toEqual([204, "GET, HEAD, OPTIONS"]);
    for (const method of ["POST", "PUT", "DELETE", "PATCH", "TRACE"]) {
      const answer = await server.ask("/a.txt", [], method);
      expect([statusOf(answer), fieldOf(answer, "Allow")]).toEqual([405, "GET, HEAD, OPTIONS"]);
      expect(bodyOf(answer)).toBe("405 Method Not Allowed\n");
    }
    expect(statusOf(await server.ask("/missing", [], "POST"))).toBe(404);
  });

  test("leaves to the app what is no file, and other methods", async () => {
    using server = new StaticServer({}, { hasApp: true });
    server.file("a.txt", "file");
    server.http.respond = (request) => request.answer(`app ${request.method} ${request.target}`);
    expect(bodyOf(await server.ask("/a.txt"))).toBe("file");
    for (const path of ["/", "/missing", "/index.php/a", "/a%2Fb", "/a.txt/", "/.env", "/%zz"]) {
      expect(bodyOf(await server.ask(path))).toBe(`app GET ${path}`);
    }
    expect(bodyOf(await server.ask("/a.txt", [], "DELETE"))).toBe("app DELETE /a.txt");
  });

  test.each([
    ["/%61ssets/%C3%BC/a.txt", 200],
    ["/assets/\u00c3\u00bc/a.txt", 200],
    ["/assets/%C3%BC", 301],
    ["/assets%2F%C3%BC/a.txt", 404],
    ["/assets/%C3%BCb/a.txt", 404],
    ["/assets/%FC/a.txt", 404],
    ["/%61ssets", 404],
  ])("knows its prefix however it is spelt: %p is %p", async (path, status) => {
    using server = new StaticServer({ prefix: "/assets/\u00fc" });
    server.file("a.txt", "A");
    server.file("index.html", "root");
    expect(statusOf(await server.ask(path))).toBe(status);
  });

  test("takes its prefix off, and nothing that only begins like it", async () => {
    using server = new StaticServer({ prefix: "/assets" });
    server.file("a.txt", "a");
    server.file("docs/index.html", "docs");
    expect(statusOf(await server.ask("/assets/a.txt"))).toBe(200);
    for (const path of ["/a.txt", "/assetsa.txt", "/assets", "/other/a.txt"]) {
      expect(statusOf(await server.ask(path))).toBe(404);
    }
    expect(fieldOf(await server.ask("/assets/docs"), "Location")).toBe("/assets/docs/");
    server.file("index.html", "root");
    expect(fieldOf(await server.ask("/assets"), "Location")).toBe("/assets/");
    expect(bodyOf(await server.ask("/assets/"))).toBe("root");
  });

  test("has a page for whatever is not there, if it is told", async () => {
    using server = new StaticServer({ fallbackPath: "index.html" });
    server.file("index.html", "app");
    server.file("a.txt", "file");
    expect(bodyOf(await server.ask("/a.txt"))).toBe("file");
    for (const path of ["/users/7", "/missing.txt", "/.env"]) expect(bodyOf(await server.ask(path))).toBe("app");
    expect(statusOf(await server.ask("/users/7", [], "POST"))).toBe(404);
  });

  test("sets Cache-Control by pattern, on 304 as well", async () => {
    using server = new StaticServer({ cacheRules: [{ pattern: "assets/**", value: "max-age=60, immutable" }] });
    server.file("assets/a.js", "a");
    server.file("a.js", "a");
    const answer = await server.ask("/assets/a.js");
    expect(fieldOf(answer, "Cache-Control")).toBe("max-age=60, immutable");
    const spared = await server.ask("/assets/a.js", [`If-None-Match: ${fieldOf(answer, "ETag")}`]);
    expect([statusOf(spared), fieldOf(spared, "Cache-Control")]).toEqual([304, "max-age=60, immutable"]);
    expect(fieldOf(await server.ask("/a.js"), "Cache-Control")).toBeNull();
  });

  test("goes through links as it is told", async () => {
    using server = new StaticServer({ symlinks: "follow" });
    writeFileSync(join(server.directory, "storage.txt"), "stored");
    symlinkSync(join(server.directory, "storage.txt"), join(server.root, "storage.txt"));
    expect(bodyOf(await server.ask("/storage.txt"))).toBe("stored");
  });

  test("follows a root that is switched to another release", async () => {
    using server = new StaticServer();
    const link = join(server.directory, "current");
    mkdirSync(join(server.directory, "one"));
    mkdirSync(join(server.directory, "two"));
    writeFileSync(join(server.directory, "one", "a.txt"), "one");
    writeFileSync(join(server.directory, "two", "a.txt"), "two");
    symlinkSync("one", link);
    using current = new StaticServer({ root: link, revalidateMs: 5 });
    expect(bodyOf(await current.ask("/a.txt"))).toBe("one");
    symlinkSync("two", `${link}.new`);
    execFileSync("mv", ["-T", `${link}.new`, link]);
    await until("the new release", async () => bodyOf(await current.ask("/a.txt")) === "two");
    execFileSync("rm", [link]);
    await until("nothing", async () => statusOf(await current.ask("/a.txt")) === 404);
    expect(current.log.named("static root cannot be opened")).toHaveLength(1);
  });

  test("lists a directory, if it may, with names that cannot harm", async () => {
    using server = new StaticServer({ showsListing: true });
    for (const name of ["<b>&\"'.txt", "javascript:alert(1)", "ü.txt", ".hidden", "a.php"])
      server.file(`d/${name}`, "");
    server.file("d/z/a", "");
    symlinkSync("/etc/passwd", join(server.root, "d", "passwd"));
    symlinkSync("z", join(server.root, "d", "link"));
    execFileSync("mkfifo", [join(server.root, "d", "fifo")]);
    const listing = bodyOf(await server.ask("/d/"));
    expect(listing.match(/<li>.*?<\/li>/g)?.map((line) => line.replace(/<\/?li>/g, ""))).toEqual([
      '<a href="../">../</a>',
      '<a href="./link/">link/</a>',
      '<a href="./z/">z/</a>',
      '<a href="./%3Cb%3E%26%22&#39;.txt">&lt;b&gt;&amp;&quot;&#39;.txt</a>',
      '<a href="./javascript%3Aalert(1)">javascript:alert(1)</a>',
      `<a href="./%C3%BC.txt">${Buffer.from("ü").toString("latin1")}.txt</a>`,
    ]);
  });
});
