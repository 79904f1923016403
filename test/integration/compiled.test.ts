import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { version } from "../../package.json";
import { commandLine } from "../support/process-table.ts";
import { startVilya } from "../support/vilya.ts";

const REPOSITORY = join(import.meta.dir, "../..");
const BUILD_TIMEOUT_MS = 120_000;

let folder: string;
let executable: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "vilya-build-"));
  executable = join(folder, "vilya");
  await using build = Bun.spawn(["node", join(REPOSITORY, "scripts/build.mjs"), executable], { stdout: "pipe" });
  if ((await build.exited) !== 0) throw new Error(await build.stdout.text());
}, BUILD_TIMEOUT_MS);

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe("npm run build", () => {
  test("makes one file that knows its version", async () => {
    expect(readdirSync(folder)).toEqual(["vilya"]);
    await using child = Bun.spawn([executable, "--version"], { cwd: "/", env: {}, stdout: "pipe" });
    expect(await child.stdout.text()).toBe(`vilya ${version}\n`);
  });

  test("makes a server whose front is another process of the same file", async () => {
    await using server = await startVilya({ command: [executable] });
    expect(commandLine(await server.frontPid())).toStartWith(executable);
    const response = await fetch(`${server.url}/health`);
    expect(await response.json()).toEqual({ status: "ok", workers: 0, active: 0 });
  });

  test("makes a server for apps in PHP and TypeScript and for static files", async () => {
    await using server = await startVilya({
      command: [executable],
      config: {
        apps: {
          php: {
            php: { worker_script: join(import.meta.dir, "../support/workers/by-path.php") },
            workers: { count: 1 },
          },
          bun: { runtime: "bun", entry: "who.ts", workers: { count: 1 } },
        },
        routes: [
          { path: "/echo", app: "php" },
          { path: "/bun/*", app: "bun" },
          { path: "/*", static: { root: "public" } },
        ],
      },
      files: {
        "who.ts": readFileSync(join(import.meta.dir, "../support/apps/who.ts"), "utf8"),
        "public/index.html": "<!doctype html><title>Hello</title>",
      },
    });
    const echo = await fetch(`${server.url}/echo`, { method: "POST", body: "from PHP" });
    expect(await echo.text()).toBe("from PHP");
    expect(await (await fetch(`${server.url}/bun/here`)).json()).toEqual({ runtime: "Bun", path: "/bun/here" });
    expect(await (await fetch(server.url)).text()).toContain("<title>Hello</title>");
  });

  test("leaves the .env and bunfig.toml of the current folder to the application", async () => {
    await using server = await startVilya({
      command: [executable],
      files: {
        ".env": "VILYA_LOG_LEVEL=nonsense\n",
        "bunfig.toml": 'preload = ["./preload.ts"]\n',
        "preload.ts": "process.exit(9)",
      },
    });
    expect((await fetch(`${server.url}/health`)).status).toBe(200);
  });
});
