import { expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { outcomeOf, phpApp } from "../../support/php-app.ts";
import { startVilya } from "../../support/vilya.ts";

const LAUNCHER = join(import.meta.dir, "../../../bin/vilya");

/** Mounts a file system of 1 MiB that only the command behind it sees: in a namespace of its own, as whoever runs the test. */
const WITH_SMALL_DISK = 'mount -t tmpfs -o size=1M none "$0" && exec "$@"';

test("a body that does not fit on the disk is 503, and the server serves on", async () => {
  const disk = mkdtempSync(join(tmpdir(), "vilya-disk-"));
  mkdirSync(disk, { recursive: true });
  try {
    await using server = await startVilya({
      command: ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", WITH_SMALL_DISK, disk, LAUNCHER],
      config: phpApp({ server: { body_dir: disk, body_memory: "64KiB" } }),
      expectedErrors: ["request body cannot be stored"],
    });
    const post = (size: number): Promise<Response> =>
      fetch(`${server.url}/echo`, { method: "POST", body: Buffer.alloc(size, "x") });
    expect((await post(500_000)).status).toBe(200);
    const refused = await post(4 << 20);
    expect(refused.status).toBe(503);
    expect(refused.headers.get("retry-after")).toBe("1");
    expect(await server.logged("request body cannot be stored")).toMatchObject({ level: "error" });
    // What was half written is gone: the next body of a fitting size finds its room.
    expect((await post(900_000)).status).toBe(200);
    expect(await outcomeOf(`${server.url}/echo`)).toStartWith("200 ");
  } finally {
    rmSync(disk, { recursive: true, force: true });
  }
});
