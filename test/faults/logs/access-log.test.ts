import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { until } from "../../support/until.ts";
import { startVilya, type VilyaServer } from "../../support/vilya.ts";

const LAUNCHER = join(import.meta.dir, "../../../bin/vilya");

/** No file may grow past 64 KiB (POSIX counts in blocks of 512 bytes): to the writer that is a full disk. */
const WITH_SMALL_FILES = 'trap "" XFSZ && ulimit -f 128 && exec "$0" "$@"';

const DROPPED = "access log lines dropped";

function logTo(path: string, format = "$uri"): Readonly<Record<string, unknown>> {
  return { logging: { format: "json", access: [{ path, format, buffer: "256KiB" }] } };
}

/** Asks for long paths until that many bytes of lines should have been written. */
async function ask(server: VilyaServer, bytes: number): Promise<void> {
  const padding = "x".repeat(4_000);
  for (let count = 0; count < bytes / 4_000; count++) {
    expect((await fetch(`${server.url}/${count}-${padding}`)).status).toBe(200);
  }
}

describe("An access log", () => {
  test("on a full disk holds up nobody, says what is lost, and goes on where there is room again", async () => {
    await using server = await startVilya({
      command: ["sh", "-c", WITH_SMALL_FILES, LAUNCHER],
      config: logTo("access.log"),
      expectedErrors: [DROPPED],
    });
    await ask(server, 600_000);
    expect(await server.logged(DROPPED)).toMatchObject({ level: "error", error: expect.stringContaining("EFBIG") });
    const path = join(server.directory, "access.log");
    // The limit is for each file.
    renameSync(path, `${path}.full`);
    server.signal("SIGUSR1");
    await until("lines after the full disk", () => existsSync(path) && readFileSync(path, "latin1").includes("-xxx"));
    await ask(server, 20_000);
    await server.stop();
    // It is full again, and that may have cut the last line.
    const lines = readFileSync(path, "latin1").split("\n").slice(0, -1);
    expect(lines.length).toBeGreaterThan(10);
    expect(lines.filter((line) => !/^\/\d+-x{4000}$/.test(line))).toEqual([]);
  });

  test("that was deleted is made anew on SIGUSR1", async () => {
    await using server = await startVilya({ config: logTo("access.log") });
    const path = join(server.directory, "access.log");
    await fetch(`${server.url}/first`);
    await until("the first line", () => existsSync(path) && readFileSync(path, "latin1") === "/first\n");
    rmSync(path);
    server.signal("SIGUSR1");
    await until("the new file", () => existsSync(path));
    await fetch(`${server.url}/second`);
    await server.stop();
    expect(readFileSync(path, "latin1")).toBe("/second\n");
  });

  test("in a FIFO without a reader holds up neither the start nor a request, and reaches the reader that comes", async () => {
    const make = 'mkfifo access.fifo && exec "$0" "$@"';
    await using server = await startVilya({
      command: ["sh", "-c", make, LAUNCHER],
      config: logTo("access.fifo"),
      expectedErrors: [DROPPED],
    });
    await fetch(`${server.url}/early`);
    const reader = Bun.spawn(["head", "-n", "1", join(server.directory, "access.fifo")], {
      stdio: ["ignore", "pipe", "ignore"],
    });
    expect(await new Response(reader.stdout).text()).toBe("/early\n");
    // The reader is gone, and nobody comes any more.
    await ask(server, 400_000);
    expect(await server.logged(DROPPED)).toMatchObject({ level: "error" });
  });
});
