import { describe, expect, test } from "bun:test";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { outcomeOf, phpApp, startRequest } from "../../support/php-app.ts";
import { until } from "../../support/until.ts";
import { startVilya } from "../../support/vilya.ts";

describe("kill -9 of the master", () => {
  test("lets the front finish what is in flight and end itself with its workers", async () => {
    await using server = await startVilya({
      config: phpApp(),
      expectedErrors: ["master is gone, front stops"],
    });
    server.leavesRuntimeDirectory();
    const { url } = server;
    const { outcome } = await startRequest(server, 500);
    server.signal("SIGKILL");
    await until("the refusal of new connections", async () => (await outcomeOf(`${url}/pid`)) === "failed");
    expect(await outcome).toBe("200 appended");
    await until("the end of all processes", () => server.processes().length === 0);
    // The master's own, which the next start sweeps up.
    expect(new Set(readdirSync(server.runtimeDirectory!))).toEqual(new Set(["master.pid", "control.sock"]));
  });

  test("ends requests that take too long, too", async () => {
    await using server = await startVilya({
      config: phpApp(),
      expectedErrors: ["master is gone, front stops"],
    });
    server.leavesRuntimeDirectory();
    const { outcome } = await startRequest(server, 60_000);
    server.signal("SIGKILL");
    expect(await outcome).toBeOneOf(["failed", expect.stringMatching(/^50[23] /)]);
    await until("the end of all processes", () => server.processes().length === 0);
  }, 120_000);

  test("ends a front that is stopped (SIGSTOP), too", async () => {
    await using server = await startVilya({ config: phpApp(), expectedErrors: ["master is gone, front stops"] });
    server.leavesRuntimeDirectory();
    const frontPid = await server.frontPid();
    server.signal("SIGSTOP", frontPid);
    server.signal("SIGKILL");
    await until("the end of all processes", () => server.processes().length === 0);
  });

  test("frees its port for the next start, which sweeps up what is left", async () => {
    await using killed = await startVilya({ config: phpApp(), expectedErrors: ["master is gone, front stops"] });
    killed.leavesRuntimeDirectory();
    const { port } = killed;
    const left = killed.runtimeDirectory!;
    killed.signal("SIGKILL");
    await until("the end of all processes", () => killed.processes().length === 0);
    expect(existsSync(left)).toBe(true);
    await using next = await startVilya({
      config: phpApp({ server: { port }, runtime_dir: join(killed.directory, "run") }),
    });
    expect(existsSync(left)).toBe(false);
    expect(await next.logged("abandoned runtime directory removed")).toMatchObject({ path: left });
    expect(await outcomeOf(`${next.url}/pid`)).toMatch(/^200 /);
  });

  test("together with its front leaves no worker behind", async () => {
    await using server = await startVilya({ config: phpApp() });
    server.leavesRuntimeDirectory();
    expect(await outcomeOf(`${server.url}/pid`)).toMatch(/^200 /);
    const frontPid = await server.frontPid();
    server.signal("SIGKILL");
    server.signal("SIGKILL", frontPid);
    await until("the end of all processes", () => server.processes().length === 0);
  });
});
