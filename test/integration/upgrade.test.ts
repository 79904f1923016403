import { describe, expect, test } from "bun:test";
import { existsSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { vilya } from "../support/command-line.ts";
import { NotifySocket } from "../support/notify-socket.ts";
import { PacedLoad } from "../support/paced-load.ts";
import { outcomeOf, phpApp, startRequest } from "../support/php-app.ts";
import { isRunning } from "../support/process-table.ts";
import { until } from "../support/until.ts";
import { UpgradableServer } from "../support/upgradable-server.ts";

const UPGRADE_COUNT = 20;
const RATE_PER_S = 2_000;
const KINDS = ["keep-alive", "one each", "HTTP/2"] as const;
const REQUESTS_BETWEEN = 100;

/** For a machine that is busy with other things, too. */
const LOAD_TIMEOUT_MS = 240_000;
const LAUNCHER = join(import.meta.dir, "../../bin/vilya");
const REFUSED = "not upgraded, everything stays as it is";

describe("An upgrade", () => {
  test(
    `at ${RATE_PER_S} requests a second loses none, ${UPGRADE_COUNT} times`,
    async () => {
      await using upgradable = await UpgradableServer.start();
      const { server } = upgradable;
      const load = new PacedLoad(server.port, RATE_PER_S, KINDS);
      for (let count = 1; count <= UPGRADE_COUNT; count++) {
        expect(await upgradable.upgrade()).toMatchObject({ kind: "upgraded", reason: null });
        await load.served(REQUESTS_BETWEEN);
      }
      expect((await load.stop()).lost).toEqual([]);
    },
    LOAD_TIMEOUT_MS,
  );

  test("takes Unix sockets and the admin listener with it, and lets requests come to their end", async () => {
    const config = phpApp({ server: { listeners: [{ host: "127.0.0.1", port: 0 }, { path: "v.sock" }] } });
    await using upgradable = await UpgradableServer.start({ config });
    const { server } = upgradable;
    const unix = join(server.directory, "v.sock");
    const ask = async (): Promise<string> => (await fetch("http://a.test/other", { unix })).text();
    const running = await startRequest(server, 600);
    const { masterPid } = await upgradable.upgrade();
    expect(await running.outcome).toBe("200 appended");
    expect(await ask()).toStartWith("served ");
    expect(await (await fetch(`${await upgradable.admin()}/v1/status`)).json()).toMatchObject({ masterPid });
    await upgradable[Symbol.asyncDispose]();
    expect(existsSync(unix)).toBe(false);
  });

  test("starts what the path leads to by then that it was called by", async () => {
    const directory = mkdtempSync(join(tmpdir(), "vu-"));
    const [link, next] = [join(directory, "vilya"), join(directory, "next")];
    try {
      symlinkSync(LAUNCHER, link);
      await using upgradable = await UpgradableServer.start({ command: [link] });
      writeFileSync(next, `#!/bin/sh\nRELEASE=two exec ${LAUNCHER} "$@"\n`, { mode: 0o755 });
      renameSync(next, link);
      await upgradable.upgrade();
      expect(await outcomeOf(`${upgradable.server.url}/env`)).toContain('"RELEASE":"two"');
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  test("is asked for by SIGUSR2, and told to a service manager", async () => {
    using manager = new NotifySocket();
    await using upgradable = await UpgradableServer.start({ environment: { NOTIFY_SOCKET: manager.path } });
    const { server } = upgradable;
    server.signal("SIGUSR2");
    const message = await until("the new main process", () =>
      manager.messages.find((each) => each.startsWith("MAINPID=")),
    );
    upgradable.masterPid = Number(message.slice("MAINPID=".length));
    await until("the end of the old master", () => !isRunning(server.pid));
    expect(manager.messages.filter((each) => each.startsWith("STOPPING"))).toEqual([]);
    expect(await outcomeOf(`${server.url}/env`)).not.toMatch(/VILYA_HANDOVER|VILYA_LAUNCHER|NOTIFY_SOCKET/);
  });

  test("is refused when the new version does not start, and shows the last words of its workers", async () => {
    const expectedErrors = [REFUSED, "front cannot start", "worker failed to start", "workers keep failing"];
    const files = { "own.php": `<?php require '${join(import.meta.dir, "../support/workers/by-path.php")}';` };
    const config = phpApp({ php: { worker_script: "own.php" } });
    await using upgradable = await UpgradableServer.start({ config, files, expectedErrors });
    const { server } = upgradable;
    writeFileSync(join(server.directory, "own.php"), '<?php fwrite(STDERR, "no such table\\n"); exit(7);');
    expect(await upgradable.upgrade()).toMatchObject({
      kind: "refused",
      reason: expect.stringContaining("its workers do not start"),
      apps: [{ app: "default", failure: { stderr: ["no such table"] } }],
    });
    server.configure(phpApp({ workers: { cuont: 2 } }));
    const { code, err } = await vilya(server, "upgrade");
    expect([code, err]).toEqual([1, expect.stringContaining("the new master exited with code 78")]);
    expect(await outcomeOf(`${server.url}/other`)).toStartWith("200 ");
    expect(isRunning(server.pid)).toBe(true);
  });
});
