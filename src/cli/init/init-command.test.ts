import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { TemporaryDirectory } from "../../../test/support/temporary-directory.ts";
import { FakeTerminal } from "../../../test/support/fake-terminal.ts";
import { EXIT_CODE } from "../../base/exit-code.ts";
import { currentSystem } from "../../config/config-system.ts";
import { runCommandLine } from "../run-command-line.ts";

/** A folder with these files, in which commands are run. */
class Folder extends TemporaryDirectory {
  async run(...args: readonly string[]) {
    const terminal = new FakeTerminal();
    const code = await runCommandLine(args, terminal, { ...currentSystem(), cwd: this.path });
    return { code, out: terminal.outText, err: terminal.errText };
  }

  get config(): string {
    return readFileSync(this.at("vilya.yaml"), "utf8");
  }
}

const FETCH = "export default { fetch: () => new Response('hello') };\n";
const FASTAPI = "from fastapi import FastAPI\n\napi = FastAPI()\n";

describe("vilya init", () => {
  test.each([
    ["a PHP worker", { "worker.php": "<?php" }, ["worker_script: worker.php"]],
    ["a TypeScript app", { "package.json": "{}", "server.ts": FETCH }, ["runtime: bun", "entry: server.ts"]],
    [
      "a JavaScript app for Node.js",
      { "package.json": '{ "main": "./lib/app.js", "engines": { "node": ">=20" } }', "lib/app.js": FETCH },
      ["runtime: node", "entry: lib/app.js"],
    ],
    ["a re-exported app", { "src/index.ts": "const app = 1;\nexport { app as default };" }, ["entry: src/index.ts"]],
    ["an ASGI app", { "main.py": FASTAPI }, ["runtime: python", 'entry: "main:api"']],
    ["a typed one", { "app/main.py": "app: FastAPI = fastapi.FastAPI(title='x')\n" }, ['entry: "app.main:app"']],
    ["a WSGI function", { "wsgi.py": "def application(environ, start):\n  pass\n" }, ['entry: "wsgi:application"']],
    ["a factory", { "app.py": "def create_app():\n  pass\n" }, ['entry: "app:create_app()"']],
    ["files", { "public/index.html": "<p>" }, ["runtime: stub", "static: { root: public }"]],
    ["a built page", { "package.json": "{}", "dist/index.html": "<p>" }, ["static: { root: dist }"]],
    [
      "a package",
      { "pyproject.toml": '[project]\nname = "my-shop"\n', "my_shop/app.py": "def create_app():\n  pass\n" },
      ['entry: "my_shop.app:create_app()"'],
    ],
    ["a module that calls Bun.serve", { "index.ts": "Bun.serve({ fetch });" }, ["runtime: bun", "entry: index.ts"]],
    [
      "Elysia that listens",
      { "src/index.ts": 'import { Elysia } from "elysia";\nnew Elysia().listen(3000);' },
      ["runtime: bun", "entry: src/index.ts"],
    ],
    ["a named export", { "app.mjs": "export const fetch = () => new Response();" }, ["entry: app.mjs"]],
    [
      "a server that listens itself",
      { "package.json": '{ "dependencies": { "express": "5" } }', "index.js": "app.listen(3000)", "public/a.css": "" },
      ["runtime: stub", 'proxy: { to: "http://127.0.0.1:3000" }'],
    ],
    [
      "such a server beside an app",
      { "package.json": '{ "dependencies": { "next": "16" } }', "main.py": FASTAPI },
      ['entry: "main:api"', "  - { path: /node/*, proxy:", "  - { app: default }"],
    ],
    [
      "such a server beside several apps",
      { "package.json": '{ "dependencies": { "next": "16" } }', "main.py": FASTAPI, "worker.php": "<?php" },
      ["  - { path: /node/*, proxy:", "  - { path: /*, app: php }"],
    ],
    ["an app with files", { "worker.php": "<?php", "public/favicon.ico": "" }, ["static:\n  root: public"]],
  ] as const)("writes for %s what the check accepts", async (_, files, expected) => {
    using folder = new Folder(files);
    const { code, out, err } = await folder.run("init");
    expect({ code, err }).toEqual({ code: EXIT_CODE.ok, err: "" });
    expect(out).toStartWith("wrote vilya.yaml\n");
    for (const line of expected) expect(folder.config).toContain(line);
    expect(await folder.run("config", "check")).toEqual({ code: EXIT_CODE.ok, out: "ok\n", err: "" });
  });

  test("names the schema that npm has put beside the app, for editors", async () => {
    const schema = "node_modules/vilya/docs/reference/vilya.schema.json";
    using folder = new Folder({ "worker.php": "<?php", [schema]: "{}" });
    await folder.run("init");
    expect(folder.config).toStartWith(`# yaml-language-server: $schema=${schema}\n`);
    expect(await folder.run("config", "check")).toMatchObject({ code: EXIT_CODE.ok, err: "" });
  });

  test("gives several apps names and routes", async () => {
    using folder = new Folder({
      "worker.php": "<?php",
      "main.py": FASTAPI,
      "server.ts": FETCH,
      "public/index.html": "",
    });
    await folder.run("init");
    expect(folder.config).toContain("  - { path: /python/*, app: python }");
    expect(folder.config).toContain("  - { path: /*, app: php }");
    expect(await folder.run("config", "check")).toMatchObject({ code: EXIT_CODE.ok, err: "" });
  });

  test.each([
    ["Laravel", { artisan: "", "composer.json": "{}", "public/index.php": "<?php" }, "write worker.php"],
    [
      "Symfony",
      { "bin/console": "", "symfony.lock": "{}", "composer.json": "{}" },
      "write worker.php, which hands requests to the kernel",
    ],
    ["Slim", { "composer.json": '{ "require": { "slim/slim": "^4" } }' }, "write worker.php, which hands requests to"],
    ["a script", { "index.php": "<?php" }, "write worker.php: scripts are not run by their paths"],
    [
      "a worker of RoadRunner's",
      { "worker.php": "<?php Spiral\\RoadRunner\\Worker::create();" },
      "worker.php is a worker",
    ],
    ["a worker of FrankenPHP's", { "worker.php": "<?php frankenphp_handle_request($f);" }, "worker.php is a worker"],
    [
      "a package in src",
      { "pyproject.toml": '[project]\nname = "shop"\n', "src/shop/__init__.py": "app = Flask(__name__)\n" },
      "install the project (pip install",
    ],
    ["a server beside Vilya", { "package.json": '{ "dependencies": { "koa": "3" } }' }, "start it beside Vilya"],
    ["Python without an app", { "pyproject.toml": "" }, "put the ASGI or WSGI app into main.py"],
    [
      "a server that listens itself",
      { "package.json": "{}", "index.js": "app.listen(80)" },
      "have the module export default",
    ],
  ])("says what is left to do for %s, in the file too", async (_, files, missing) => {
    using folder = new Folder(files);
    const { code, out } = await folder.run("init");
    expect(code).toBe(EXIT_CODE.ok);
    expect(out).toContain(`left to do: ${missing}`);
    expect(folder.config).toContain(`Left to do: ${missing}`);
  });

  test("finds Django's application by its settings", async () => {
    const manage = "os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')";
    for (const [files, entry] of [
      [{ "shop/asgi.py": "" }, "shop.asgi:application"],
      [{ "shop/wsgi.py": "" }, "shop.wsgi:application"],
    ] as const) {
      using folder = new Folder({ "manage.py": manage, ...(files as Record<string, string>) });
      await folder.run("init");
      expect(folder.config).toContain(`entry: "${entry}"`);
    }
  });

  test.each(["vilya.yaml", "vilya.yml", ".rr.yaml"])("never writes where %s is", async (name) => {
    using folder = new Folder({ [name]: "# mine\n", "worker.php": "<?php" });
    const { code, err } = await folder.run("init");
    expect(code).toBe(EXIT_CODE.usage);
    expect(err).toContain(`${name} is there already`);
    expect(readFileSync(join(folder.path, name), "utf8")).toBe("# mine\n");
  });

  test("writes beside a file of RoadRunner's", async () => {
    using folder = new Folder({ ".rr.yaml": "version: '3'\n", "worker.php": "<?php" });
    expect((await folder.run("init")).code).toBe(EXIT_CODE.ok);
    expect(folder.config).toContain("worker.php");
  });

  test.each([
    ["nothing", {}],
    ["tools alone", { "package.json": '{ "devDependencies": {} }' }],
    ["a broken package.json", { "package.json": "{" }],
  ])("writes nothing where it finds %s", async (_, files) => {
    using folder = new Folder(files);
    const { code, err } = await folder.run("init");
    expect(code).toBe(EXIT_CODE.usage);
    expect(err).toContain("neither an app nor files to serve were found");
    expect(existsSync(join(folder.path, "vilya.yaml"))).toBe(false);
  });
});
