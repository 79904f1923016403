import { describe, expect, test } from "bun:test";

import { isRunning } from "../support/process-table.ts";
import { findTestPython } from "../support/python.ts";
import { PYTHON_APPS, servePython, traceOf } from "../support/python-app.ts";
import { until } from "../support/until.ts";
import { startVilya, type VilyaOptions, type VilyaServer } from "../support/vilya.ts";

const FAILURES = ["worker failed to start", "workers keep failing"];

interface Told {
  readonly pid: number;
  readonly bootPid: number;
  readonly events: readonly string[];
  readonly workerId: string;
  readonly random: number;
  readonly group: number;
  readonly descriptors: number;
  readonly frozenCount: number;
  readonly collects: boolean;
}

/** Serves `forked.py` with workers that are forked. */
function serve(workers: object = {}, options: VilyaOptions & { readonly entry?: string } = {}): Promise<VilyaServer> {
  const { entry = "forked:app", ...rest } = options;
  return servePython(entry, { ...rest, config: { workers: { count: 1, start: "fork", ...workers } } });
}

async function tell(server: VilyaServer, path = "/"): Promise<Told> {
  return (await (await fetch(server.url + path)).json()) as Told;
}

function outputOf(server: VilyaServer): readonly unknown[] {
  return server.log.filter(({ event }) => event === "worker output");
}

describe("a Python application with `start: fork`", () => {
  test("is imported once, and every worker is forked from that process before it has a loop", async () => {
    await using server = await serve({ count: 3 });
    const { pid, bootPid, events, group, workerId, frozenCount, collects } = await tell(server);
    expect(pid).not.toBe(bootPid);
    expect(events).toEqual([
      `import:${bootPid}`,
      `before-fork:${bootPid}`,
      `first:${pid}`,
      `start:${pid}`,
      `lifespan:${pid}`,
    ]);
    expect([group, Number(workerId) > 0, collects]).toEqual([pid, true, true]);
    expect(frozenCount).toBeGreaterThan(1_000);
  });

  test("may be one of WSGI", async () => {
    await using server = await serve({}, { entry: "forked:wsgi_app" });
    const { pid, bootPid, events } = await tell(server);
    expect(events.slice(2)).toEqual([`first:${pid}`, `start:${pid}`]);
    expect(pid).not.toBe(bootPid);
    await server.stop();
    expect(traceOf(server).slice(0, 2)).toEqual(["shutdown of 1", "exit of 1"]);
  });

  test("has the same hooks without a fork", async () => {
    await using server = await serve({ start: "exec" });
    const { pid, bootPid, events } = await tell(server);
    expect(bootPid).toBe(pid);
    expect(events).toEqual([`import:${pid}`, `first:${pid}`, `start:${pid}`, `lifespan:${pid}`]);
  });

  test("gets new workers without another import, whose ends are waited for, and which draw other random numbers", async () => {
    await using server = await serve({ max_requests: 1 });
    const told: Told[] = [];
    for (let i = 0; i < 5; i++) told.push(await tell(server));
    expect(new Set(told.map(({ pid }) => pid)).size).toBe(5);
    expect(new Set(told.map(({ random }) => random)).size).toBe(5);
    expect(new Set(told.map(({ bootPid }) => bootPid)).size).toBe(1);
    expect(new Set(told.map(({ descriptors }) => descriptors)).size).toBe(1);
    await until("the end of the third", () => traceOf(server).includes("shutdown of 3"));
    expect(await server.logged("worker recycled", 3)).toMatchObject({ exitCode: 0 });
  });

  test("prints under the name of the worker that does", async () => {
    await using server = await serve({ count: 2 });
    const { workerId, pid } = await tell(server, "/print");
    await until("its lines", () => outputOf(server).length === 2);
    const who = { workerId: Number(workerId), pid };
    expect(outputOf(server)).toContainEqual(expect.objectContaining({ ...who, stream: "stdout", line: "printed" }));
    expect(outputOf(server)).toContainEqual(expect.objectContaining({ ...who, stream: "stderr", line: "complained" }));
  });

  test("loses no more than one worker when one is killed, and the log has its last words", async () => {
    await using server = await serve();
    const { pid, bootPid } = await tell(server);
    expect((await fetch(`${server.url}/die`)).status).toBe(502);
    expect(await server.logged("worker crashed")).toMatchObject({ pid, signal: 9, stderr: ["last words"] });
    const next = await tell(server);
    expect([next.pid === pid, next.bootPid]).toEqual([false, bootPid]);
  });

  test.each([
    ["its import", { FAIL: "import" }, "ValueError: failed in import"],
    ["a hook before the fork", { FAIL: "before-fork" }, "Cannot fork workers: the hook warm has failed"],
    ["a start hook", { FAIL: "start" }, "Cannot start the application: the hook connect has failed"],
    ["a module that asks for a loop", { AT_IMPORT: "loop" }, "before the fork: it asks for an event loop"],
  ])("is not served when %s fails, and the log says why", async (_, environment, reason) => {
    await using server = await serve({}, { environment, waitFor: "listening", expectedErrors: FAILURES });
    expect(await server.logged("worker failed to start")).toMatchObject({
      exitCode: 3,
      stderr: expect.arrayContaining([expect.stringContaining(reason)]),
    });
    expect((await fetch(server.url)).status).toBe(503);
  });

  test("is warned of threads that it has started while it was imported", async () => {
    await using server = await serve({}, { environment: { AT_IMPORT: "thread" } });
    await until("the warning", () =>
      server.log.some(({ line }) => String(line).includes("the application has started poller while")),
    );
    await tell(server);
  });

  test("serves on when the process that its workers come from is killed, and is imported again for the next one", async () => {
    await using server = await serve();
    const first = await tell(server);
    server.signal("SIGKILL", first.bootPid);
    await until("its end", () => !isRunning(first.bootPid));
    expect((await tell(server)).pid).toBe(first.pid);
    server.signal("SIGKILL", first.pid);
    const next = await until("another worker", async () => {
      const response = await fetch(server.url);
      return response.ok && ((await response.json()) as Told);
    });
    expect(next.bootPid).not.toBe(first.bootPid);
  });

  test("is imported anew at a reload, and the process that it was imported in is let go", async () => {
    await using server = await serve({ count: 2 });
    const { bootPid } = await tell(server);
    server.signal("SIGHUP");
    await server.logged("reloaded");
    expect((await tell(server)).bootPid).not.toBe(bootPid);
    await until("the end of the old one", () => !isRunning(bootPid));
  });

  test("may be written with any framework", async () => {
    const names = ["fastapi", "litestar", "flask"];
    const app = {
      runtime: "python",
      binary: findTestPython(),
      env: { PYTHONPATH: PYTHON_APPS, PYTHONDONTWRITEBYTECODE: "1" },
      workers: { count: 1, start: "fork", start_timeout: "60s" },
    };
    await using server = await startVilya({
      config: {
        apps: Object.fromEntries(names.map((name) => [name, { ...app, entry: `${name}_app:app` }])),
        routes: names.map((name) => ({ host: `${name}.test`, path: "/*", app: name })),
      },
    });
    for (const name of names) {
      const response = await fetch(`${server.url}/hello/${name}`, { headers: { host: `${name}.test` } });
      expect(await response.json()).toEqual({ hello: name, made: "at start" });
    }
  });
});
