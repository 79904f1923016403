import { describe, expect, test } from "bun:test";
import { statSync } from "node:fs";
import { join } from "node:path";
import { METRIC_FAMILIES } from "../../src/admin/metric-families.ts";
import { vilya } from "../support/command-line.ts";
import { outcomeOf, phpApp } from "../support/php-app.ts";
import { isRunning } from "../support/process-table.ts";
import { until } from "../support/until.ts";
import { startVilya, type VilyaServer } from "../support/vilya.ts";

/** Where its admin listener is. */
async function adminOf(server: VilyaServer): Promise<string> {
  const { port } = await server.logged("admin listening");
  return `http://127.0.0.1:${String(port)}`;
}

/** The value of a sample by its name and labels, as they stand in the text. */
function sample(text: string, name: string): number | null {
  const line = text.split("\n").find((each) => each.startsWith(`${name} `));
  return line === undefined ? null : Number(line.slice(name.length + 1));
}

const ADMIN = { admin: { port: 0 } };

describe("The admin listener", () => {
  test("tells health, readiness by app, and metrics", async () => {
    await using server = await startVilya({ config: phpApp(ADMIN) });
    const admin = await adminOf(server);
    for (let count = 0; count < 3; count++) await outcomeOf(`${server.url}/pid`);
    await outcomeOf(`${server.url}/health`);
    expect(await outcomeOf(`${admin}/health`)).toBe('200 {"status":"ok"}\n');
    expect(await outcomeOf(`${admin}/ready`)).toBe('200 {"status":"ready","apps":{"default":true}}\n');
    expect(await vilya(server, "ready")).toMatchObject({ code: 0, out: "ready\n" });
    const text = await (await fetch(`${admin}/metrics`)).text();
    expect(sample(text, 'vilya_http_requests_total{app="default",method="GET",status="2xx",version="1"}')).toBe(3);
    expect(sample(text, 'vilya_http_requests_total{app="",method="GET",status="2xx",version="1"}')).toBe(1);
    expect(sample(text, 'vilya_http_request_duration_seconds_count{app="default"}')).toBe(3);
    expect(sample(text, 'vilya_pool_work_seconds_count{app="default"}')).toBe(3);
    expect(sample(text, 'vilya_pool_workers{app="default",state="idle"}')).toBe(2);
    expect(sample(text, "vilya_front_up")).toBe(1);
    expect(sample(text, 'vilya_process_resident_memory_bytes{role="front"}')).toBeGreaterThan(1_000_000);
  });

  test("shows every metric that is described, but those of access logs, which have a path each", async () => {
    await using server = await startVilya({ config: phpApp(ADMIN) });
    await outcomeOf(`${server.url}/pid`);
    const text = await (await fetch(`${await adminOf(server)}/metrics`)).text();
    const shown = [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name = ""]) => name);
    expect(shown.toSorted()).toEqual(
      Object.keys(METRIC_FAMILIES)
        .filter((name) => !name.startsWith("vilya_access_log"))
        .toSorted(),
    );
  });

  test("counts what an access log has dropped and taken", async () => {
    await using server = await startVilya({ config: { ...ADMIN, logging: { format: "json", access_log: "a.log" } } });
    await fetch(server.url);
    const text = await (await fetch(`${await adminOf(server)}/metrics`)).text();
    const path = join(server.directory, "a.log");
    expect(sample(text, `vilya_access_log_lines_total{path="${path}"}`)).toBe(1);
    expect(sample(text, `vilya_access_log_dropped_lines_total{path="${path}"}`)).toBe(0);
  });

  test("answers until the end of a stop, not ready", async () => {
    await using server = await startVilya({ config: phpApp({ ...ADMIN, server: { shutdown_delay: "60s" } }) });
    const admin = await adminOf(server);
    server.signal("SIGTERM");
    await until("the stop", async () => (await fetch(`${admin}/ready`)).status === 503);
    expect(await vilya(server, "ready")).toMatchObject({ code: 1, out: "not ready\n" });
    expect(await outcomeOf(`${admin}/health`)).toStartWith("200 ");
    expect(await outcomeOf(`${server.url}/pid`)).toStartWith("200 ");
    // The second signal ends the delay.
    expect((await server.stop()).exitCode).toBe(0);
  });

  test("answers while no front does", async () => {
    await using server = await startVilya({ config: ADMIN, expectedErrors: ["front killed: it gave no sign of life"] });
    const admin = await adminOf(server);
    const frontPid = await server.frontPid();
    server.signal("SIGSTOP", frontPid);
    const text = await (await fetch(`${admin}/metrics`)).text();
    expect(sample(text, "vilya_front_up")).toBe(0);
    await until("the bad news", async () => (await fetch(`${admin}/ready`)).status === 503);
    server.signal("SIGCONT", frontPid);
    await until("the front", async () => (await fetch(`${admin}/ready`)).status === 200);
  });

  test("counts the deaths of fronts", async () => {
    await using server = await startVilya({ config: ADMIN });
    const admin = await adminOf(server);
    const first = await server.frontPid();
    server.signal("SIGKILL", first);
    await server.frontPid(first);
    await until(
      "a death",
      async () => sample(await (await fetch(`${admin}/metrics`)).text(), "vilya_front_deaths_total") === 1,
    );
  });

  test("asks for its token where it has one, and starts nowhere wide without", async () => {
    await using wide = await startVilya({ config: { admin: { host: "0.0.0.0", port: 0 } }, waitFor: "exit" });
    const refused = await wide.stop(null);
    expect(refused.exitCode).toBe(78);
    expect(refused.stderr).toContain("admin.host: it is 0.0.0.0 and there is no admin.token_file");
    const token = "0123456789abcdef-secret";
    await using server = await startVilya({
      config: { admin: { host: "0.0.0.0", port: 0, token_file: "token" } },
      files: { token: `${token}\n` },
    });
    const admin = await adminOf(server);
    const ask = async (authorization: string | null): Promise<number> =>
      (await fetch(`${admin}/v1/status`, { headers: authorization === null ? {} : { authorization } })).status;
    expect([
      await ask(null),
      await ask("Bearer wrong"),
      await ask(`Bearer ${token}x`),
      await ask(`Basic ${token}`),
    ]).toEqual([401, 401, 401, 401]);
    expect(await ask(`Bearer ${token}`)).toBe(200);
    expect(JSON.stringify(server.log)).not.toContain(token);
  });

  test("takes no requests of web pages, and none by a name that is not its own", async () => {
    await using server = await startVilya({ config: ADMIN });
    const admin = await adminOf(server);
    const stop = (headers: Readonly<Record<string, string>>): Promise<Response> =>
      fetch(`${admin}/v1/stop`, { method: "POST", headers, body: "{}" });
    expect((await stop({ Origin: "https://evil.example" })).status).toBe(403);
    expect((await stop({ Host: "rebound.example:9090" })).status).toBe(403);
    expect(isRunning(server.pid)).toBe(true);
  });

  test("refuses what it does not know", async () => {
    await using server = await startVilya({ config: ADMIN });
    const admin = await adminOf(server);
    const post = (path: string, body: string): Promise<string> =>
      fetch(`${admin}${path}`, { method: "POST", body }).then(
        async (answer) => `${answer.status} ${await answer.text()}`,
      );
    expect(await outcomeOf(`${admin}/nothing`)).toStartWith("404 ");
    expect(await outcomeOf(`${admin}/v1/stop`)).toStartWith("405 ");
    expect(await post("/v1/log-level", '{"level":"loud"}')).toStartWith("400 ");
    expect(await post("/v1/log-level", "[1]")).toBe('400 {"error":"the body is not a JSON object"}\n');
    expect(await post("/v1/recycle", '{"app":"shop"}')).toStartWith("404 ");
    expect(await post("/v1/stop", "x".repeat(100_000))).toStartWith("413 ");
  });

  test("refuses the start when a port that was asked for is taken: what, where, what to try", async () => {
    await using holder = await startVilya();
    await using server = await startVilya({ config: { admin: { port: holder.port } }, waitFor: "exit" });
    const exit = await server.stop(null);
    expect(exit.exitCode).toBe(1);
    const lines = exit.stderr.trimEnd().split("\n");
    expect(lines[0]).toStartWith(`error: cannot listen on 127.0.0.1:${holder.port}: another process holds the port`);
    expect(lines[1]).toMatch(/^ {2}at .*vilya\.yaml:\d+:\d+$/);
    expect(lines.at(-1)).toBe(`  try: -o admin.port=${holder.port + 1}`);
  });
});

describe("The command line and a running instance", () => {
  test("meet on a socket that only its user reaches", async () => {
    await using server = await startVilya({ config: phpApp() });
    expect(statSync(join(server.runtimeDirectory!, "control.sock")).mode & 0o777).toBe(0o600);
    const { code, out } = await vilya(server, "status");
    expect(code).toBe(0);
    expect(out).toContain("instance test  ready");
    expect(out).toMatch(/default +ready +2\/2 +0 +0/);
    const workers = JSON.parse((await vilya(server, "workers", "--json")).out) as { pid: number; state: string }[];
    expect(workers.map(({ pid }) => pid)).toEqual([...(await server.workerPids())]);
    expect((await vilya(server, "workers")).out).toMatch(/default +1 +\d+ +1 +idle/);
  });

  test("top shows it again and again, with its rate", async () => {
    await using server = await startVilya({ config: phpApp() });
    const watching = vilya(server, "top", "--count", "2");
    await until("requests", async () => (await outcomeOf(`${server.url}/pid`)) !== "failed");
    const { code, out } = await watching;
    expect(code).toBe(0);
    expect(out.match(/instance test {2}ready/g)).toHaveLength(2);
    // A pipe is no screen: nothing is drawn over.
    expect(out).not.toContain("\x1b");
    expect(out).toMatch(/\d+ requests\/s, event loop at most \d+\.\d ms late/);
    expect((await vilya(server, "top", "--count", "2", "--json")).out.trimEnd().split("\n")).toHaveLength(2);
    expect((await vilya(server, "top", "--count", "0")).code).toBe(2);
  });

  test("recycle replaces every worker", async () => {
    await using server = await startVilya({ config: phpApp() });
    const before = await server.workerPids();
    expect(await vilya(server, "recycle", "shop")).toMatchObject({
      code: 1,
      err: expect.stringContaining('there is no app "shop", default is allowed'),
    });
    expect(await vilya(server, "recycle", "default")).toMatchObject({
      code: 0,
      out: "recycling the workers of default\n",
    });
    await until("new workers", async () => {
      const now = await server.workerPids();
      return now.length === 2 && now.every((pid) => !before.includes(pid));
    });
  });

  test("log-level takes effect at once, in the front too", async () => {
    await using server = await startVilya();
    await fetch(server.url);
    expect(server.log.some(({ event }) => event === "request ended")).toBe(false);
    expect((await vilya(server, "log-level", "debug")).code).toBe(0);
    await until("a line of the front", async () => {
      await fetch(server.url);
      return server.log.some(({ event }) => event === "request ended");
    });
    expect(await server.logged("request ended")).toMatchObject({ level: "debug", role: "front", status: 200 });
    expect(await vilya(server, "log-level", "loud")).toMatchObject({ code: 2 });
  });

  test("logs shows the end of the log, and follows it until the instance is gone", async () => {
    await using server = await startVilya({ config: phpApp({ logging: { format: "text" } }) });
    const { code, out } = await vilya(server, "logs");
    expect(code).toBe(0);
    expect(out).toMatch(/ info {2}front started role=master /);
    const command = [
      join(import.meta.dir, "../../bin/vilya"),
      "logs",
      "-f",
      "--json",
      "--runtime-dir",
      join(server.directory, "run"),
    ];
    const following = Bun.spawn(command, { stdio: ["ignore", "pipe", "ignore"] });
    let followed = "";
    const read = (async () => {
      for await (const bytes of following.stdout) followed += new TextDecoder().decode(bytes);
    })();
    await until("the first lines", () => followed.includes('"event":"front started"'));
    await fetch(`${server.url}/print?out=a%20word%0A`);
    await until("a line that comes", () => followed.includes('"line":"a word"'));
    expect(await vilya(server, "logs", "--lines", "many")).toMatchObject({ code: 2 });
    await server.stop();
    await read;
    expect(await following.exited).toBe(0);
    for (const line of followed.trimEnd().split("\n")) expect(JSON.parse(line)).toHaveProperty("event");
  });

  test.each([["top"], ["logs -f"]])("%s ends when nobody reads it any more", async (line) => {
    await using server = await startVilya({ config: phpApp() });
    const directory = join(server.directory, "run");
    const command = [join(import.meta.dir, "../../bin/vilya"), ...line.split(" "), "--runtime-dir", directory];
    await using shown = Bun.spawn(command, { stdio: ["ignore", "pipe", "ignore"] });
    const reader = shown.stdout.getReader();
    expect((await reader.read()).done).toBe(false);
    await reader.cancel();
    // What comes next finds that the reader has gone; a line may be on its way already when it goes.
    await until("its end", async () => {
      await fetch(`${server.url}/print?out=a%20word%0A`);
      return shown.exitCode !== null;
    });
    expect(shown.exitCode).toBe(0);
  });

  test("stop ends it in good order", async () => {
    await using server = await startVilya();
    expect(await vilya(server, "stop")).toMatchObject({ code: 0, out: "stopping\n" });
    expect((await server.stop(null)).exitCode).toBe(0);
    expect(await vilya(server, "status")).toMatchObject({
      code: 1,
      err: expect.stringContaining("cannot find a running instance"),
    });
  });

  test("several instances are told apart by name and by file", async () => {
    await using one = await startVilya({ config: { name: "one" } });
    await using two = await startVilya({ config: { name: "two", runtime_dir: join(one.directory, "run") } });
    const ambiguous = await vilya(one, "status");
    expect(ambiguous.code).toBe(1);
    expect(ambiguous.err).toContain("cannot choose an instance: ");
    expect((await vilya(one, "status", "--name", "two")).out).toContain("instance two  ready");
    expect((await vilya(one, "status", "-c", join(two.directory, "vilya.yaml"))).out).toContain("instance two  ready");
  });
});
