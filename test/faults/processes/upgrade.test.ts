import { describe, expect, test } from "bun:test";

import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { vilya } from "../../support/command-line.ts";
import { Load } from "../../support/load.ts";
import { outcomeOf, phpApp } from "../../support/php-app.ts";
import { childrenOf, commandLine, isRunning } from "../../support/process-table.ts";
import { until } from "../../support/until.ts";
import { startVilya, type VilyaServer } from "../../support/vilya.ts";

const REFUSED = "not upgraded, everything stays as it is";
const NEVER_READY = "<?php sleep(999);";
const BY_PATH = join(import.meta.dir, "../../support/workers/by-path.php");
const CLIENTS = ["keep-alive", "one each", "HTTP/2"] as const;

/** A server whose workers run a script that a test may replace: with `NEVER_READY` an upgrade does not come to its end. */
function startOwn(expectedErrors: readonly string[]): Promise<VilyaServer> {
  const config = phpApp({ php: { worker_script: "own.php" } });
  return startVilya({ config, expectedErrors, files: { "own.php": `<?php require '${BY_PATH}';` } });
}

/** The master that an upgrade has started which is under way. */
async function newMaster(server: VilyaServer): Promise<number> {
  const { pid } = await until("the new master", () =>
    childrenOf(server.pid).find(({ pid: each, state }) => state !== "Z" && / serve\b|master/.test(commandLine(each))),
  );
  return pid;
}

describe("During an upgrade", () => {
  test("the death of the new master leaves the old one, which loses no request and can try again", async () => {
    await using server = await startOwn([REFUSED, "master is gone, front stops"]);
    const load = new Load(server.port, CLIENTS);
    const before = server.descriptorCount();
    writeFileSync(join(server.directory, "own.php"), NEVER_READY);
    for (let count = 1; count <= 2; count++) {
      server.signal("SIGUSR2");
      await server.logged("front spawned", 1 + count);
      server.signal("SIGKILL", await newMaster(server));
      await server.logged(REFUSED, count);
    }
    server.leavesRuntimeDirectory();
    expect((await load.stop()).lost).toEqual([]);
    await until("no descriptor more", () => server.descriptorCount() <= before);
    await until("no zombie", () => server.zombies().length === 0);
  });

  test("a stop is a stop: neither master stays", async () => {
    await using server = await startOwn([REFUSED]);
    writeFileSync(join(server.directory, "own.php"), NEVER_READY);
    server.signal("SIGUSR2");
    const master = await newMaster(server);
    server.signal("SIGTERM", master);
    server.signal("SIGTERM");
    await until("the end of both", () => !isRunning(master) && !isRunning(server.pid));
    expect(await outcomeOf(`${server.url}/other`)).toBe("failed");
  });

  test("the death of the old master harms the new one as little as nothing", async () => {
    const expectedErrors = ["master is gone, front stops"];
    await using server = await startVilya({ config: phpApp(), expectedErrors });
    server.signal("SIGUSR2");
    const { masterPid: master } = (await server.logged("upgraded, the new master serves")) as unknown as {
      masterPid: number;
    };
    if (isRunning(server.pid)) server.signal("SIGKILL");
    server.leavesRuntimeDirectory();
    expect(await outcomeOf(`${server.url}/other`)).toStartWith("200 ");
    await until("one instance", async () => (await vilya(server, "ready")).code === 0);
    expect((await vilya(server, "stop")).code).toBe(0);
    await until("its end", () => !isRunning(master));
  });
});
