import { describe, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { commandLine } from "../../../test/support/process-table.ts";
import { TemporaryDirectory } from "../../../test/support/temporary-directory.ts";
import { TestPool } from "../../../test/support/test-pool.ts";

interface Seen {
  readonly env: Readonly<Record<string, string>>;
  readonly argv: readonly string[];
  readonly cwd: string;
}

describe("Launcher", () => {
  test("starts `<binary> <script> --sock PATH --max-requests N`, whatever is wrapped around it", async () => {
    await using pool = await TestPool.start({ requestsPerWorkerMax: 1_000 });
    const { argv, cwd } = JSON.parse(await pool.body("/env")) as Seen;
    expect(argv[0]).toEndWith("/test/support/workers/by-path.php");
    expect(argv.slice(1)).toEqual(["--sock", expect.stringContaining(pool.directory), "--max-requests", "2016"]);
    expect(cwd).toBe(pool.directory);
    expect(commandLine(pool.pool.processIds()[0]!)).toBe(["php", ...argv].join(" "));
  });

  test("never passes 0 requests: no bound is the largest number", async () => {
    await using pool = await TestPool.start({ requestsPerWorkerMax: 0 });
    const { argv } = JSON.parse(await pool.body("/env")) as Seen;
    expect(argv.at(-1)).toBe("2147483647");
  });

  test("hands down the environment, the app's own variables over it, and says who it is", async () => {
    await using pool = await TestPool.start({ environment: { GREETING: "hello", HOME: "/nowhere" } });
    const { env } = JSON.parse(await pool.body("/env")) as Seen;
    expect(env).toMatchObject({ GREETING: "hello", HOME: "/nowhere", PATH: process.env["PATH"] });
    expect(env).toMatchObject({ VILYA_WORKER_LEVEL: "2", VILYA_WORKER_ID: "1", VILYA_VERSION: "0.0.0" });
    expect(await pool.body("/worker-id")).toBe("1");
  });

  test("gives PHP its settings without taking those of the system away", async () => {
    await using pool = await TestPool.start({ ini: { memory_limit: "77M", "opcache.enable_cli": "0" } });
    expect(await pool.body("/ini?name=memory_limit")).toBe("77M");
    expect(await pool.body("/ini?name=opcache.enable_cli")).toBe("0");
    expect(await pool.body("/ini?name=display_errors")).toBe("stderr");
    expect(await pool.body("/ini?name=opcache.lockfile_path")).toMatch(/-ini\/opcache$/);
  });

  test("keeps sockets and settings to their owner", async () => {
    await using pool = new TestPool({
      script: "broken-at-start.php",
      environment: { BEHAVIOUR: "silent" },
      expectedErrors: ["worker failed to start", "workers keep failing"],
    });
    void pool.pool.start();
    const names = await pool.until("a socket", () => {
      const found = readdirSync(pool.directory);
      return found.some((name) => name.endsWith(".sock")) && found;
    });
    const modes = names.map(
      (name) => `${name.replace(/^.*[-.]/, "")} ${(statSync(join(pool.directory, name)).mode & 0o777).toString(8)}`,
    );
    expect(modes.toSorted()).toEqual(["ini 700", "sock 600"]);
    await pool.pool.stop({ graceMs: 0 });
    expect(readdirSync(pool.directory)).toEqual([]);
  });

  test("refuses a directory whose path is too long for a socket, and says so", async () => {
    const directory = mkdtempSync(join(tmpdir(), "long-".padEnd(90, "x")));
    try {
      await using pool = new TestPool({
        directory,
        expectedErrors: ["worker failed to start", "workers keep failing"],
      });
      await pool.pool.start();
      expect(pool.log.named("worker failed to start")[0]?.fields["error"]).toMatchObject({
        code: "VILYA_WORKER_DIRECTORY_UNUSABLE",
        message: expect.stringContaining("at most 107 are allowed") as string,
      });
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });

  test("says what is wrong with a script that ends by itself", async () => {
    await using pool = new TestPool({
      script: "broken-at-start.php",
      environment: { BEHAVIOUR: "exit-zero" },
      expectedErrors: ["worker failed to start", "workers keep failing"],
    });
    await pool.pool.start();
    expect(pool.log.named("worker failed to start")[0]?.fields).toMatchObject({
      exitCode: 0,
      cause: "a worker ended by itself before it was ready, one that serves until it is told to stop is allowed",
    });
  });

  test("says that the working directory is missing, not the program", async () => {
    const expectedErrors = ["worker failed to start", "workers keep failing"];
    using directory = new TemporaryDirectory();
    const workingDirectory = directory.at("gone");
    await using pool = new TestPool({ workingDirectory, expectedErrors });
    await pool.pool.start();
    expect(pool.log.named("worker failed to start")[0]?.fields["error"]).toMatchObject({
      code: "VILYA_WORKER_DIRECTORY_UNUSABLE",
      message: `Cannot start a worker in ${workingDirectory}: there is no such directory, an existing one is needed`,
    });
  });

  test("makes its directory anew when somebody has cleaned it away", async () => {
    await using pool = await TestPool.start({ ini: { memory_limit: "77M" } });
    const pid = Number(await pool.body("/pid"));
    rmSync(pool.directory, { recursive: true });
    process.kill(pid, "SIGKILL");
    await pool.until("its end", () => pool.exitedPids.includes(pid));
    expect(await pool.body("/ini?name=memory_limit")).toBe("77M");
    expect(statSync(pool.directory).mode & 0o777).toBe(0o700);
  });
});
