import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { dependencies } from "../../package.json";
import { startVilya } from "../support/vilya.ts";

const REPOSITORY = join(import.meta.dir, "../..");
const PACK_TIMEOUT_MS = 120_000;
/** More than this is something that does not belong there: documentation and sources are text. */
const PACKED_BYTES_MAX = 1.25 * 2 ** 20;

interface Packed {
  readonly filename: string;
  readonly size: number;
  readonly files: readonly { readonly path: string }[];
}

let folder: string;
let packed: Packed;

async function output(command: readonly string[], cwd: string): Promise<string> {
  await using child = Bun.spawn([...command], { cwd, stdout: "pipe", stderr: "pipe" });
  const [text, complaint, exitCode] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  if (exitCode !== 0) throw new Error(`${command.join(" ")}: ${complaint}`);
  return text;
}

/** Puts the package into an application's folder as `npm install` would, with its declared dependencies and nothing else of ours. */
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "vilya-package-"));
  [packed] = JSON.parse(await output(["npm", "pack", "--json", "--pack-destination", folder], REPOSITORY)) as [Packed];
  const modules = join(folder, "node_modules");
  mkdirSync(join(modules, "vilya"), { recursive: true });
  await output(["tar", "-xzf", packed.filename, "--strip-components=1", "-C", "node_modules/vilya"], folder);
  for (const name of [...Object.keys(dependencies), "@oven"]) {
    mkdirSync(dirname(join(modules, name)), { recursive: true });
    symlinkSync(join(REPOSITORY, "node_modules", name), join(modules, name));
  }
  mkdirSync(join(modules, ".bin"));
  symlinkSync("../vilya/bin/vilya", join(modules, ".bin/vilya"));
}, PACK_TIMEOUT_MS);

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe("the npm package", () => {
  test("holds what runs and what explains it, and nothing that only we need", () => {
    const paths = packed.files.map(({ path }) => path);
    expect(paths).toEqual(
      expect.arrayContaining([
        "LICENSE",
        "README.md",
        "bin/vilya",
        "docs/start.md",
        "docs/overview.svg",
        "docs/reference/vilya.schema.json",
        "examples/demo/vilya.yaml",
        "sdk/php/autoload.php",
        "sdk/python/src/vilya/__main__.py",
        "sdk/typescript/src/index.ts",
        "sdk/typescript/vilya.d.ts",
        "src/cli/main.ts",
      ]),
    );
    const ours = /\.test\.|(?:^|\/)(?:tests?|bench|scripts|__pycache__|\.ci|\.cache)\/|requirements-test|phpunit/;
    expect(paths.filter((path) => ours.test(path))).toEqual([]);
    expect(packed.size).toBeLessThan(PACKED_BYTES_MAX);
  });

  test("has types that a project checks with settings of its own, and without ours", async () => {
    const project = join(folder, "typed");
    mkdirSync(project);
    const compilerOptions = { strict: true, module: "nodenext", target: "esnext", types: [], noEmit: true };
    writeFileSync(join(project, "tsconfig.json"), JSON.stringify({ compilerOptions }));
    const app = `import type { App } from "vilya";
      const app: App<{ name: string }> = {
        websocket: { message: (socket, text) => socket.publish(socket.data.name, text) },
        fetch: (request, context) => (context.upgrade(request) ? undefined : new Response(context.remoteAddress)),
      };
      export default app;`;
    writeFileSync(join(project, "app.ts"), app);
    await output([process.execPath, "check"], project);
    writeFileSync(join(project, "app.ts"), app.replace("remoteAddress", "remoteAdress"));
    await expect(output([process.execPath, "check"], project)).rejects.toThrow("Found 1 error");
  });

  test("serves apps in PHP, Python, TypeScript and JavaScript, and static files", async () => {
    const autoload = join(folder, "node_modules/vilya/sdk/php/autoload.php");
    await using server = await startVilya({
      command: [join(folder, "node_modules/.bin/vilya")],
      config: {
        apps: {
          php: { php: { worker_script: "worker.php" }, workers: { count: 1 } },
          python: { runtime: "python", entry: "main:app", workers: { count: 1 } },
          bun: { runtime: "bun", entry: "who.ts", workers: { count: 1 } },
          node: { runtime: "node", entry: "who.mjs", workers: { count: 1 } },
        },
        routes: [
          ...["php", "python", "bun", "node"].map((app) => ({ path: `/${app}/*`, app })),
          { path: "/*", static: { root: "public" } },
        ],
      },
      files: {
        "worker.php": `<?php
          require '${autoload}';
          (new Vilya\\Runtime\\Worker(null, fn (array $request): array => [
              'status' => 200, 'headers' => ['Content-Type' => 'application/json'],
              'body' => json_encode(['runtime' => 'PHP', 'path' => $request['path']], JSON_UNESCAPED_SLASHES),
          ]))->run();`,
        "main.py": `
import json
def app(environ, start_response):
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps({"runtime": "Python", "path": environ["PATH_INFO"]}).encode()]
`,
        "who.ts": readFileSync(join(import.meta.dir, "../support/apps/who.ts"), "utf8"),
        "who.mjs":
          "export default { fetch: (request) => Response.json({ runtime: 'Node.js', path: new URL(request.url).pathname }) };",
        "public/index.html": "<!doctype html><title>Hello</title>",
      },
    });
    for (const [app, runtime] of [
      ["php", "PHP"],
      ["python", "Python"],
      ["bun", "Bun"],
      ["node", "Node.js"],
    ]) {
      const response = await fetch(`${server.url}/${app}/here`);
      expect([response.status, await response.json()]).toEqual([200, { runtime, path: `/${app}/here` }]);
    }
    expect(await (await fetch(server.url)).text()).toContain("<title>Hello</title>");
  });
});
