import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { outcomeOf, phpApp } from "../support/php-app.ts";
import { until } from "../support/until.ts";
import { startVilya, type VilyaServer } from "../support/vilya.ts";

function linesOf(server: VilyaServer, name = "access.log"): readonly string[] {
  const path = join(server.directory, name);
  return existsSync(path) ? readFileSync(path, "latin1").split("\n").slice(0, -1) : [];
}

describe("logging.access_log", () => {
  test("has a line for each request, with what its worker took", async () => {
    await using server = await startVilya({
      config: phpApp({ logging: { format: "json", access_log: "access.log", access_format: "json" } }),
    });
    expect(await outcomeOf(`${server.url}/pid?token=s3cret`)).toStartWith("200 ");
    expect(await outcomeOf(`${server.url}/health`)).toStartWith("200 ");
    const lines = await until("two lines", () => {
      const found = linesOf(server);
      return found.length === 2 ? found.map((line) => JSON.parse(line) as Record<string, unknown>) : null;
    });
    expect(lines).toMatchObject([
      {
        target: "/pid?token=***",
        status: 200,
        app: "default",
        outcome: "answered",
        workerMs: expect.any(Number),
        queueMs: expect.any(Number),
      },
      { target: "/health", status: 200, app: null, workerMs: null },
    ]);
  });

  test("names a request whose announced body is too large, which gets its route's error page", async () => {
    await using server = await startVilya({
      config: {
        server: { port: 0, host: "127.0.0.1", max_body_size: 10 },
        logging: { access: [{ path: "access.log", format: "%r %s" }] },
        routes: [{ respond: { status: 200 }, error_pages: { enabled: true } }],
      },
    });
    const headers = { Accept: "application/json" };
    const response = await fetch(`${server.url}/upload`, { method: "POST", body: "x".repeat(11), headers });
    expect([response.status, await response.json()]).toMatchObject([413, { status: 413 }]);
    await until("the line", () => linesOf(server).includes("POST /upload HTTP/1.1 413"));
  });

  test("goes to STDOUT when it is told to", async () => {
    await using server = await startVilya({ args: ["--access-log", "stdout"] });
    await fetch(`${server.url}/hello`);
    await until("a line", () => / "GET \/hello HTTP\/1\.1" 200 \d+ "-" "Bun/.test(server.stdout));
  });

  test("is written to the end when the engine stops", async () => {
    await using server = await startVilya({ config: { logging: { format: "json", access_log: "access.log" } } });
    for (let count = 0; count < 50; count++) await fetch(`${server.url}/${count}`);
    await server.stop();
    expect(linesOf(server)).toHaveLength(50);
  });

  test("loses no line when it is rotated under load", async () => {
    const access = [{ path: "access.log", format: "$uri" }];
    await using server = await startVilya({ config: { logging: { format: "json", access } } });
    const sent: string[] = [];
    for (let turn = 0; turn < 5; turn++) {
      const paths = Array.from({ length: 100 }, (_, index) => `/${turn}-${index}`);
      sent.push(...paths);
      const load = Promise.all(paths.map((path) => fetch(server.url + path)));
      await until("the file", () => existsSync(join(server.directory, "access.log")));
      renameSync(join(server.directory, "access.log"), join(server.directory, `access.log.${turn}`));
      server.signal("SIGUSR1");
      await load;
      await until("the new file", () => existsSync(join(server.directory, "access.log")));
    }
    await server.stop();
    const names = ["access.log", ...[0, 1, 2, 3, 4].map((turn) => `access.log.${turn}`)];
    expect(names.flatMap((name) => linesOf(server, name)).toSorted()).toEqual(sent.toSorted());
  });

  test("sends each request to the logs whose conditions it meets", async () => {
    const access = [
      { path: "errors.log", format: "%s %U", status: "4xx 5xx" },
      { path: "app.log", format: "%s %U", apps: "default", except: ["/no*"] },
    ];
    await using server = await startVilya({ config: phpApp({ logging: { format: "json", access } }) });
    for (const path of ["/pid", "/status/404", "/no-such", "/health"]) await fetch(server.url + path);
    await server.stop();
    expect(linesOf(server, "app.log").map((line) => line.split(" ")[1])).toEqual(["/pid", "/status/404"]);
    expect(linesOf(server, "errors.log").every((line) => /^[45]/.test(line))).toBe(true);
  });

  test("is refused before the start when it can never have a line, each mistake with its place", async () => {
    const access = [
      { path: "missing/a.log" },
      { format: "%Z", path: "a.log" },
      { path: "a.log", apps: "shop", listeners: "1" },
      { format: "json" },
    ];
    const run = async (items: readonly unknown[]): Promise<string> => {
      await using server = await startVilya({ config: { logging: { access: items } }, waitFor: "exit" });
      const exit = await server.stop(null);
      expect(exit.exitCode).toBe(78);
      return exit.stderr;
    };
    expect(await run([access[1]])).toContain('logging.access[0].format: it is "%Z", one of json, common, combined');
    const stderr = await run([access[0], access[2], access[3]]);
    expect(stderr).toContain("logging.access[0].path: ");
    expect(stderr).toContain("missing is not a directory this user may write to");
    expect(stderr).toContain("logging.access[1].apps: there is no app shop, default is allowed");
    expect(stderr).toContain("logging.access[1].listeners: there is no listener 1, ");
    expect(stderr).toContain("logging.access[2]: it has no path");
  });
});
