import { describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { servePython } from "../support/python-app.ts";
import { RawClient } from "../support/raw-client.ts";
import { until } from "../support/until.ts";
import type { VilyaServer } from "../support/vilya.ts";

/** A second's stall of the machine is not taken for a loop that stands still for good. */
const BLOCKED_FOR_TOO_LONG = { count: 1, ping_interval: "50ms", ping_timeout: "3s", stop_timeout: "100ms" };

/** The process that answers. */
async function answeringPid(server: VilyaServer): Promise<string | null> {
  return (await fetch(`${server.url}/`)).headers.get("x-pid");
}

/** Waits until another process answers than `previous`. */
function replaced(server: VilyaServer, previous: string | null): Promise<boolean> {
  return until("another worker", async () => {
    const pid = await answeringPid(server);
    return pid !== null && pid !== previous;
  });
}

describe("an application in Python that", () => {
  test("blocks its loop is seen while it does, and the log says where it stands", async () => {
    await using server = await servePython("faulty:app");
    let isBlocked = true;
    const blocked = fetch(`${server.url}/block?go`).finally(() => {
      isBlocked = false;
    });
    await server.logged("worker blocks its loop");
    await until("the stack", () => server.log.some(({ line }) => String(line).includes("in hold_the_loop")));
    expect(isBlocked).toBe(true);
    writeFileSync(join(server.directory, "go"), "");
    expect(await (await blocked).text()).toBe("done");
    await server.logged("worker runs its loop again");
  });

  test("blocks its loop for ever is replaced, and its requests get 504", async () => {
    await using server = await servePython("faulty:app", {
      config: { workers: BLOCKED_FOR_TOO_LONG },
    });
    const pid = await answeringPid(server);
    const stuck = [fetch(`${server.url}/never`), fetch(`${server.url}/block?never`)];
    for (const each of stuck) expect((await each).status).toBe(504);
    await replaced(server, pid);
    await server.logged("worker ended because its loop was blocked");
  });

  test("never returns costs its client the timeout and nobody else anything", async () => {
    await using server = await servePython("faulty:app", {
      config: {
        routes: [
          { path: "/never", app: "default", timeout: "300ms" },
          { path: "/*", app: "default" },
        ],
        python: { disconnect_grace: 0 },
      },
    });
    const pid = await answeringPid(server);
    const slow = fetch(`${server.url}/never`);
    expect(await answeringPid(server)).toBe(pid);
    expect((await slow).status).toBe(504);
    expect(await answeringPid(server)).toBe(pid);
  });

  test("does not let itself be cancelled costs the worker, which is replaced", async () => {
    await using server = await servePython("faulty:app", {
      config: {
        workers: { count: 1, cancel_grace: "200ms", stop_timeout: "100ms" },
        routes: [
          { path: "/stubborn", app: "default", timeout: "200ms" },
          { path: "/*", app: "default" },
        ],
        python: { disconnect_grace: 0 },
      },
    });
    const pid = await answeringPid(server);
    expect((await fetch(`${server.url}/stubborn`)).status).toBe(504);
    await replaced(server, pid);
  });

  test("crashes in native code, or is killed, costs what ran, and is replaced", async () => {
    await using server = await servePython("faulty:app", { expectedErrors: ["worker crashed"] });
    const pid = await answeringPid(server);
    expect((await fetch(`${server.url}/segfault`)).status).toBe(502);
    await replaced(server, pid);
    await until("where it crashed", () => server.log.some(({ line }) => String(line).includes("Segmentation fault")));
    const next = await answeringPid(server);
    server.signal("SIGKILL", Number(next));
    await replaced(server, next);
  });

  test("asks for the end of its process costs one request, and no process", async () => {
    await using server = await servePython("faulty:app", { expectedErrors: ["worker reported an error"] });
    const pid = await answeringPid(server);
    expect((await fetch(`${server.url}/exit`)).status).toBe(500);
    expect(await answeringPid(server)).toBe(pid);
  });

  test("grows is recycled without a lost request", async () => {
    await using server = await servePython("faulty:app", { config: { workers: { count: 1, memory_limit: "96MiB" } } });
    const pid = await answeringPid(server);
    expect((await fetch(`${server.url}/grow?100000000`)).status).toBe(200);
    await replaced(server, pid);
  });

  test("has served its number of requests is recycled without a lost one", async () => {
    await using server = await servePython("faulty:app", { config: { workers: { count: 1, max_requests: 5 } } });
    const answers = Array.from({ length: 30 }, async () => (await fetch(`${server.url}/`)).status);
    expect(await Promise.all(answers)).toEqual(Array.from({ length: 30 }, () => 200));
    await server.logged("worker recycled");
  });

  test("is stopped by a signal is seen, and goes on", async () => {
    await using server = await servePython("faulty:app");
    const pid = Number(await answeringPid(server));
    server.signal("SIGSTOP", pid);
    const waiting = fetch(`${server.url}/`);
    await server.logged("worker blocks its loop");
    server.signal("SIGCONT", pid);
    expect(await (await waiting).text()).toBe("done");
  });

  test("is stopped by a signal for good is replaced, and its requests get 504", async () => {
    await using server = await servePython("faulty:app", {
      config: { workers: BLOCKED_FOR_TOO_LONG },
    });
    const pid = await answeringPid(server);
    server.signal("SIGSTOP", Number(pid));
    expect((await fetch(`${server.url}/`)).status).toBe(504);
    await replaced(server, pid);
  });

  test("has many slow clients serves the fast ones as if they were alone", async () => {
    await using server = await servePython("faulty:app");
    const slow = await Promise.all(Array.from({ length: 500 }, () => RawClient.connect(server.port)));
    for (const client of slow) {
      client.pause();
      client.send("GET /flood HTTP/1.1\r\nHost: a\r\n\r\n");
    }
    for (let i = 0; i < 50; i++) expect((await fetch(`${server.url}/`)).status).toBe(200);
    for (const client of slow) client.reset();
    await until("the end of the floods", async () => (await fetch(`${server.url}/`)).status === 200);
  });
});
