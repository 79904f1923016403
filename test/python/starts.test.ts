import { describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { findTestPython } from "../support/python.ts";
import { servePython } from "../support/python-app.ts";
import { startVilya } from "../support/vilya.ts";

/** What workers that cannot start are reported with. */
const FAILURES = ["worker failed to start", "workers keep failing"];

/** Answers where its packages are. */
const HELLO = `
import sys

async def app(scope, receive, send):
    await send({"type": "http.response.start", "status": 200})
    await send({"type": "http.response.body", "body": sys.prefix.encode()})
`;

describe("a Python worker", () => {
  test("uses uvloop and the C extension of msgpack where they are, and does without", async () => {
    await using fast = await servePython("starts:app");
    expect(await (await fetch(fast.url)).json()).toMatchObject({
      codec: "msgpack",
      uvloop: true,
      path: fast.directory,
    });
    // Without site-packages: Python's standard library alone.
    await using slow = await servePython("starts:app", { config: { args: ["-S"] } });
    expect(await (await fetch(slow.url)).json()).toMatchObject({ codec: "python", uvloop: false });
  });

  test.each([
    ["a factory", "starts:create_app()", {}, "codec"],
    ["a class of ASGI 2", "starts:Old", {}, "asgi2 /x"],
    ["what is named WSGI", "starts:anything", { interface: "wsgi" }, "wsgi /x"],
  ])("serves %s", async (_, entry, python, expected) => {
    await using server = await servePython(entry, { config: { python } });
    expect(await (await fetch(`${server.url}/x`)).text()).toContain(expected);
  });

  test("runs in the virtual environment that lies in the directory of its application", async () => {
    const cwd = mkdtempSync(join(tmpdir(), "vilya-venv-"));
    symlinkSync(dirname(dirname(findTestPython())), join(cwd, ".venv"));
    await Bun.write(join(cwd, "main.py"), HELLO);
    await using server = await startVilya({
      config: { runtime: "python", entry: "main", cwd, workers: { count: 1 } },
    });
    expect(await (await fetch(server.url)).text()).toBe(join(cwd, ".venv"));
    rmSync(cwd, { recursive: true });
  });

  test.each([
    ["says that its start has failed", "starts:refusing", {}, "Cannot start the application: there is no database"],
    ["is not there", "nowhere:app", {}, "Cannot load 'nowhere': there is no module 'nowhere'"],
    ["has another name", "starts:missing", {}, "Cannot load 'starts:missing': the module has no 'missing'"],
    ["does not say what it is", "starts:anything", {}, "python.interface says it: one of asgi, asgi2, wsgi"],
    [
      "knows no lifespan where it has to",
      "starts:app",
      { lifespan: "on" },
      "it knows no lifespan, which is switched on",
    ],
  ])("is not started for an application that %s, and the log says why", async (_, entry, python, reason) => {
    await using server = await servePython(entry, {
      config: { python },
      waitFor: "listening",
      expectedErrors: FAILURES,
    });
    expect(await server.logged("worker failed to start")).toMatchObject({
      exitCode: 3,
      stderr: expect.arrayContaining([expect.stringContaining(reason)]),
    });
    const response = await fetch(server.url);
    expect([response.status, (await response.text()).includes("Cannot")]).toEqual([503, false]);
  });

  test("shows the traceback of a module that fails", async () => {
    await using server = await startVilya({
      config: { runtime: "python", binary: findTestPython(), entry: "broken:app", workers: { count: 1 } },
      files: { "broken.py": "raise ValueError('in the module')\n" },
      waitFor: "listening",
      expectedErrors: FAILURES,
    });
    const { stderr } = await server.logged("worker failed to start");
    expect(stderr).toEqual(expect.arrayContaining([expect.stringContaining("broken.py"), "ValueError: in the module"]));
  });

  test("is not started without an entry, or with a Python that is not there", async () => {
    await using server = await startVilya({ config: { runtime: "python" }, waitFor: "exit" });
    const { exitCode, stderr } = await server.stop(null);
    expect([exitCode, stderr]).toEqual([78, expect.stringContaining("entry: main:app")]);
    const config = { runtime: "python", entry: "main:app", binary: "./gone/python" };
    await using other = await startVilya({ config, waitFor: "exit" });
    const refused = await other.stop(null);
    expect([refused.exitCode, refused.stderr]).toEqual([78, expect.stringContaining("install Python 3.10 or newer")]);
  });
});
