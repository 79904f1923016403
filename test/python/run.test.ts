import { describe, expect, test } from "bun:test";
import { utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { findTestPython } from "../support/python.ts";
import { until } from "../support/until.ts";
import { startVilya, type VilyaOptions, type VilyaServer } from "../support/vilya.ts";

/** Beside what a user would type: where a test finds its log, and ports that nobody else has. */
const TEST_OPTIONS = ["runtime_dir=run", "logging.format=json", "admin.port=0"].flatMap((option) => ["-o", option]);

const REFUSALS = ["not reloaded, everything stays as it is", "worker failed to start", "workers keep failing"];

function run(files: Readonly<Record<string, string>>, ...args: readonly string[]): Promise<VilyaServer> {
  return start({ files }, ...args);
}

function start(options: VilyaOptions, ...args: readonly string[]): Promise<VilyaServer> {
  const typed = [...args, "--port", "0", "--python", findTestPython(), ...TEST_OPTIONS];
  return startVilya({ subcommand: "run", args: typed, expectedErrors: REFUSALS, ...options });
}

function appThatSays(text: string): string {
  return `import os

async def app(scope, receive, send):
    assert scope["type"] == "http"
    await send({"type": "http.response.start", "status": 200})
    await send({"type": "http.response.body", "body": ${text}})
`;
}

const REFUSING = `
async def app(scope, receive, send):
    await receive()
    await send({"type": "lifespan.startup.failed", "message": "no database"})
`;

describe("vilya run", () => {
  test("serves an application as it is, every path of it, and writes an access log", async () => {
    await using server = await run({ "main.py": appThatSays("scope['path'].encode()") }, "main:app");
    expect(server.url).toStartWith("http://127.0.0.1:");
    expect(await (await fetch(`${server.url}/health`)).text()).toBe("/health");
    await until("a line in the access log", () => server.stdout.includes('"GET /health HTTP/1.1" 200'));
  });

  test("has as many workers as it is told, with variables of a file", async () => {
    const files = {
      "main.py": appThatSays("os.environ['GREETING'].encode()"),
      ".env": 'GREETING="good day"\n# none\n',
    };
    await using server = await run(files, "main:app", "--workers", "2", "--env-file", ".env", "--no-access-log");
    expect(await (await fetch(server.url)).text()).toBe("good day");
    expect(await server.workerPids()).toHaveLength(2);
  });

  test("runs new code when a file changes, and keeps the old where the new does not start", async () => {
    await using server = await run({ "main.py": appThatSays("b'old'") }, "main:app", "--reload");
    const path = join(server.directory, "main.py");
    const write = (text: string, changedAt: number): void => {
      writeFileSync(path, text);
      utimesSync(path, changedAt, changedAt);
    };
    write(appThatSays("b'new'"), 1_000_000_000);
    await until("the new code", async () => (await (await fetch(server.url)).text()) === "new");
    write("this is no Python\n", 1_000_000_010);
    await server.logged("not reloaded, everything stays as it is");
    expect(await (await fetch(server.url)).text()).toBe("new");
    write(appThatSays("b'newest'"), 1_000_000_020);
    await until("the newest code", async () => (await (await fetch(server.url)).text()) === "newest");
  });

  test.each([
    ["fails while it is imported", "raise ValueError('no database')\n", "ValueError: no database"],
    ["says that its start has failed", REFUSING, "Cannot start the application: no database"],
    ["is not there", "", "Cannot load 'main:app': the module has no 'app'"],
  ])("ends with the reason when the application %s", async (_, source, reason) => {
    await using server = await start({ files: { "main.py": source }, waitFor: "exit" }, "main:app", "--workers", "2");
    const { exitCode, stdout, stderr } = await server.stop(null);
    expect([exitCode, stdout]).toEqual([1, ""]);
    const problem = stderr.split("\n").find((line) => line.startsWith("error: "));
    expect(problem).toBe(
      `error: cannot serve app default: its workers end with code 3 before they are ready (${reason})`,
    );
  });

  test("waits for a change when the application does not start and files are watched", async () => {
    const files = { "main.py": "raise ValueError('no database')\n" };
    await using server = await start({ files, waitFor: "listening" }, "main:app", "--reload");
    expect((await fetch(server.url)).status).toBe(503);
    writeFileSync(join(server.directory, "main.py"), appThatSays("b'mended'"));
    await until("the new code", async () => (await (await fetch(server.url)).text()) === "mended");
  });
});
