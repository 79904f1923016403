import { describe, expect, test } from "bun:test";
import { utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { findTestPython } from "../support/python.ts";
import { until } from "../support/until.ts";
import { startVilya, type VilyaServer } from "../support/vilya.ts";

/** Beside what a user would type: where a test finds its log, and ports that nobody else has. */
const TEST_OPTIONS = ["runtime_dir=run", "logging.format=json", "admin.port=0"].flatMap((option) => ["-o", option]);

const REFUSALS = ["not reloaded, everything stays as it is", "worker failed to start", "workers keep failing"];

function run(files: Readonly<Record<string, string>>, ...args: readonly string[]): Promise<VilyaServer> {
  const typed = [...args, "--port", "0", "--python", findTestPython(), ...TEST_OPTIONS];
  return startVilya({ subcommand: "run", args: typed, files, expectedErrors: REFUSALS });
}

function appThatSays(text: string): string {
  return `import os

async def app(scope, receive, send):
    assert scope["type"] == "http"
    await send({"type": "http.response.start", "status": 200})
    await send({"type": "http.response.body", "body": ${text}})
`;
}

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
});
