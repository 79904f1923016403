import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { vilya } from "../support/command-line.ts";
import { holdRequest, outcomeOf, phpApp, startRequest } from "../support/php-app.ts";
import { RawClient } from "../support/raw-client.ts";
import { until } from "../support/until.ts";
import { startVilya, type VilyaServer } from "../support/vilya.ts";
import { close } from "../support/websocket-frames.ts";
import { WebSocketClient } from "../support/websocket-client.ts";

const WORKERS = join(import.meta.dir, "../support/workers");

/** Long enough that a test ends it by a second signal. */
const LONG = "60s";

async function adminOf(server: VilyaServer): Promise<string> {
  return `http://127.0.0.1:${String((await server.logged("admin listening")).port)}`;
}

describe("A stop", () => {
  test("tells load balancers first, while everything is served, and operators until its end", async () => {
    const health = { health_path: "/up", shutdown_delay: LONG };
    await using server = await startVilya({ config: phpApp({ server: health }) });
    const admin = await adminOf(server);
    expect(await outcomeOf(`${server.url}/up`)).toStartWith("200 ");
    using kept = await RawClient.connect(server.port);
    server.signal("SIGTERM");
    await until("the bad news", async () => (await outcomeOf(`${server.url}/up`)).startsWith("503 "));
    expect(await (await fetch(`${admin}/ready`)).json()).toMatchObject({ status: "not ready" });
    expect(await vilya(server, "ready")).toMatchObject({ code: 1 });
    kept.send("GET /other HTTP/1.1\r\nHost: a\r\n\r\n");
    expect(await kept.untilReceived("served 1")).not.toContain("Connection: close");
    const { outcome } = await startRequest(server, 60_000);
    expect((await vilya(server, "stop", "--now")).code).toBe(0);
    expect(await outcome).toBeOneOf(["failed", expect.stringMatching(/^50[23] /)]);
    expect((await server.stop(null)).exitCode).toBe(3);
  });

  test("announces the close, takes no connection, finishes what runs, and only then ends the workers", async () => {
    await using server = await startVilya({ config: phpApp({ workers: { count: 3 } }) });
    const admin = await adminOf(server);
    const workers = await server.workerPids();
    const running = await holdRequest(server);
    using kept = await RawClient.connect(server.port);
    const gate = join(server.directory, "kept");
    kept.send(`GET /append?file=${gate}-begun&line=begun&until=${gate} HTTP/1.1\r\nHost: a\r\n\r\n`);
    await until("the begin of the kept one's request", () => existsSync(`${gate}-begun`));
    server.signal("SIGTERM");
    await until("the refusal of new connections", async () => (await outcomeOf(`${server.url}/other`)) === "failed");
    expect(await server.workerPids()).toEqual(workers);
    expect(await outcomeOf(`${admin}/health`)).toStartWith("200 ");
    writeFileSync(gate, "");
    expect(await kept.untilReceived("appended")).toContain("Connection: close");
    running.release();
    expect(await running.outcome).toBe("200 appended");
    expect((await server.stop(null)).exitCode).toBe(0);
  });
});

describe("Apps with different shutdown delays", () => {
  test("leave one after the other: each is served for its own time, and finishes what it has", async () => {
    const { php } = phpApp() as { readonly php: unknown };
    const apps = {
      brief: { php, workers: { count: 1, shutdown_delay: 0 } },
      long: { php, workers: { count: 1, shutdown_delay: LONG } },
    };
    const routes = [{ path: "/long", rewrite: "/other", app: "long" }, { app: "brief" }];
    await using server = await startVilya({ config: { apps, routes } });
    const [brief, long] = await server.workerPids();
    const { outcome } = await startRequest(server, 700);
    server.signal("SIGTERM");
    await until("the end of the brief one", async () => (await outcomeOf(`${server.url}/pid`)).startsWith("503 "));
    expect(await outcome).toBe("200 appended");
    await until("the end of its worker", async () => !(await server.workerPids()).includes(brief!));
    expect(await outcomeOf(`${server.url}/long`)).toStartWith("200 ");
    expect(await server.workerPids()).toEqual([long!]);
    server.signal("SIGTERM");
    expect((await server.stop(null)).exitCode).toBe(0);
  });

  test("cut what is not finished in the time of its app, and say so", async () => {
    const { php } = phpApp() as { readonly php: unknown };
    const brief = { count: 1, shutdown_delay: 0, grace_timeout: 0.1, stop_timeout: 0.2 };
    const apps = { brief: { php, workers: brief }, long: { php, workers: { count: 1, shutdown_delay: LONG } } };
    const routes = [{ path: "/long", rewrite: "/other", app: "long" }, { app: "brief" }];
    await using server = await startVilya({ config: { apps, routes } });
    const { outcome } = await startRequest(server, 60_000);
    server.signal("SIGTERM");
    expect(await server.logged("requests cut at the end of the app's grace")).toMatchObject({ app: "brief" });
    expect(await outcome).toMatch(/^50[23] /);
    expect(await outcomeOf(`${server.url}/long`)).toStartWith("200 ");
    server.signal("SIGTERM");
    expect((await server.stop(null)).exitCode).toBe(3);
  });

  test("close their sockets, and hear of it before their workers go", async () => {
    const worker = { php: { worker_script: join(WORKERS, "websocket.php"), env: { EVENTS_FILE: "events" } } };
    const apps = {
      brief: { ...worker, workers: { count: 1, shutdown_delay: 0 } },
      long: { ...worker, workers: { count: 1, shutdown_delay: LONG } },
    };
    const routes = [{ path: "/long", app: "long" }, { app: "brief" }];
    await using server = await startVilya({ config: { apps, routes } });
    const open = async (target: string) => WebSocketClient.open(await RawClient.connect(server.port), {}, target);
    using brief = await open("/brief");
    using long = await open("/long");
    server.signal("SIGTERM");
    expect(await brief.until(1)).toEqual(["close 1001"]);
    brief.send(close(1001));
    const events = join(server.directory, "events");
    await until("the app's hearing of it", () => existsSync(events) && readFileSync(events, "utf8").includes("close "));
    long.sendText("echo still here");
    expect(await long.until(1)).toEqual(["text still here"]);
    server.signal("SIGTERM");
    expect((await server.stop(null)).exitCode).toBeOneOf([0, 3]);
  });
});
