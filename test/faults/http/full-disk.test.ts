import { expect, test } from "bun:test";
import { join } from "node:path";

import { outcomeOf, phpApp } from "../../support/php-app.ts";
import { startVilya } from "../../support/vilya.ts";

const LAUNCHER = join(import.meta.dir, "../../../bin/vilya");

/**
 * No file may grow past 1 MiB (POSIX counts in blocks of 512 bytes), and writing past it is an error instead of a signal: to the writer that
 * is a disk which is full, without one.
 */
const WITH_SMALL_FILES = 'trap "" XFSZ && ulimit -f 2048 && exec "$0" "$@"';

test("a body that does not fit on the disk is 503, and the server serves on", async () => {
  await using server = await startVilya({
    command: ["sh", "-c", WITH_SMALL_FILES, LAUNCHER],
    config: phpApp({ server: { body_memory: "64KiB" } }),
    expectedErrors: ["request body cannot be stored"],
  });
  const post = (size: number): Promise<Response> =>
    fetch(`${server.url}/echo`, { method: "POST", body: Buffer.alloc(size, "x") });
  expect((await post(500_000)).status).toBe(200);
  const refused = await post(4 << 20);
  expect(refused.status).toBe(503);
  expect(refused.headers.get("retry-after")).toBe("1");
  expect(await server.logged("request body cannot be stored")).toMatchObject({ level: "error" });
  expect((await post(1_000_000)).status).toBe(200);
  expect(await outcomeOf(`${server.url}/echo`)).toStartWith("200 ");
});
