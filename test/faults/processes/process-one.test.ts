import { expect, test } from "bun:test";
import { join } from "node:path";

import { outcomeOf, phpApp } from "../../support/php-app.ts";
import { childrenOf, commandLine, processEntry } from "../../support/process-table.ts";
import { until } from "../../support/until.ts";
import { startVilya } from "../../support/vilya.ts";

const LAUNCHER = join(import.meta.dir, "../../../bin/vilya");

/** A process namespace as a container has one; without root, one of a user of its own. */
const CONTAINER = [
  "unshare",
  ...(process.getuid!() === 0 ? [] : ["--user", "--map-root-user"]),
  ...["--pid", "--mount-proc", "--fork", "--kill-child"],
];

/** A machine that is a container itself may not make others. */
const mayContain = Bun.spawnSync([...CONTAINER, "true"]).success;

if (mayContain)
  test("The master as process 1 of a container reaps what it is given, stops on SIGTERM, and takes everything with it", async () => {
    await using server = await startVilya({
      config: phpApp({ workers: { count: 1 } }),
      command: [...CONTAINER, LAUNCHER],
    });
    const [master] = childrenOf(server.pid);
    const front = await until("the front", () =>
      childrenOf(master!.pid).find(({ pid }) => commandLine(pid).includes("__front")),
    );
    expect(await outcomeOf(`${server.url}/fork-away`)).toStartWith("200 ");
    const [worker] = childrenOf(front.pid);
    const [daemon] = childrenOf(worker!.pid);
    server.signal("SIGKILL", worker!.pid);
    await until("the adoption", () => processEntry(daemon!.pid)?.parentPid === master!.pid);
    server.signal("SIGKILL", daemon!.pid);
    await until("the reaping", () => processEntry(daemon!.pid) === null);
    server.signal("SIGKILL", front.pid);
    await until("another front", async () => (await outcomeOf(`${server.url}/other`)).startsWith("200 "));
    server.signal("SIGTERM", master!.pid);
    expect((await server.stop(null)).exitCode).toBe(0);
  });
