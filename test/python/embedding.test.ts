import { describe, expect, test } from "bun:test";
import { join } from "node:path";

import { findTestPython } from "../support/python.ts";
import { until } from "../support/until.ts";

const PACKAGE = join(import.meta.dir, "../../sdk/python/src");

const PROGRAM = `
import vilya

seen = []

async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        while (message := await receive())["type"] != "lifespan.shutdown":
            await send({"type": "lifespan.startup.complete"})
        await send({"type": "lifespan.shutdown.complete"})
        return
    seen.append(scope["path"])
    await send({"type": "http.response.start", "status": 200})
    await send({"type": "http.response.body", "body": str(seen).encode()})

vilya.serve(app, port=0)
print("served", seen)
`;

/** Runs a program in Python, and what it prints. */
function run(program: string, environment: Readonly<Record<string, string>> = {}) {
  const child = Bun.spawn([findTestPython(), "-c", program], {
    env: { ...process.env, PYTHONPATH: PACKAGE, PYTHONDONTWRITEBYTECODE: "1", ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output = { text: "" };
  const read = (async () => {
    for await (const bytes of child.stdout) output.text += Buffer.from(bytes).toString();
  })();
  return { child, output, read };
}

describe("vilya.serve", () => {
  test("serves an object from the process that holds it, until a signal comes", async () => {
    const { child, output, read } = run(PROGRAM);
    const url = await until("the start", () => /http:\/\/127\.0\.0\.1:\d+/.exec(output.text)?.[0]);
    expect(await (await fetch(`${url}/health`)).text()).toBe("['/health']");
    expect(await (await fetch(`${url}/b`)).text()).toBe("['/health', '/b']");
    child.kill("SIGINT");
    expect(await child.exited).toBe(0);
    await read;
    expect(output.text).toContain("served ['/health', '/b']");
  });

  test("takes the engine along when the process is killed", async () => {
    const { child, output } = run(PROGRAM);
    const url = await until("the start", () => /http:\/\/127\.0\.0\.1:\d+/.exec(output.text)?.[0]);
    child.kill("SIGKILL");
    await until("the end of the engine", () =>
      fetch(url).then(
        () => false,
        () => true,
      ),
    );
  });

  test("says so where there is no engine, what is no application, and what cannot be forked", async () => {
    const missing = run("import vilya\nvilya.serve(lambda a, b, c: None)", { VILYA_ENGINE: "/nowhere/vilya" });
    expect(await missing.child.exited).toBe(1);
    expect(await missing.child.stderr.text()).toContain("/nowhere/vilya");
    const wrong = run("import vilya\nvilya.serve('main:app')");
    expect(await wrong.child.exited).toBe(1);
    expect(await wrong.child.stderr.text()).toContain("it cannot be called");
    const looped = run(
      "import asyncio, vilya\nasync def main(): vilya.serve(lambda a, b, c: None)\nasyncio.run(main())",
    );
    expect(await looped.child.exited).toBe(1);
    expect(await looped.child.stderr.text()).toContain("a thread of its own is allowed");
    const forked = run("import vilya\nvilya.serve(lambda a, b: [], options={'workers.start': 'fork'})");
    expect(await forked.child.exited).toBe(1);
    expect(await forked.child.stderr.text()).toContain(
      "workers.start is fork, and the application lives in this process",
    );
  });

  test("raises when the application does not start", async () => {
    const refusing = run(`
import vilya

@vilya.on_start
def connect():
    raise OSError("there is no database")

vilya.serve(lambda environ, start_response: [], port=0)
`);
    expect(await refusing.child.exited).toBe(1);
    expect(await refusing.child.stderr.text()).toMatch(
      /OSError: there is no database[^]*EngineError: Cannot serve: the application does not start \(.*hook connect has failed\)/,
    );
  });
});
