import { describe, expect, test } from "bun:test";
import { existsSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { UpgradeReport } from "../../src/admin/upgrade-report.ts";
import { vilya } from "../support/command-line.ts";
import { Load } from "../support/load.ts";
import { NotifySocket } from "../support/notify-socket.ts";
import { outcomeOf, phpApp, startRequest } from "../support/php-app.ts";
import { isRunning } from "../support/process-table.ts";
import { until } from "../support/until.ts";
import { startVilya, type VilyaOptions, type VilyaServer } from "../support/vilya.ts";

const UPGRADE_COUNT = 20;
const CLIENTS = ["keep-alive", "keep-alive", "keep-alive", "one each", "one each", "HTTP/2", "HTTP/2"] as const;
const LAUNCHER = join(import.meta.dir, "../../bin/vilya");
const REFUSED = "not upgraded, everything stays as it is";

/** A server whose last master is stopped in good order at the end, whichever that is by then. */
class UpgradableServer implements AsyncDisposable {
  readonly server: VilyaServer;
  masterPid: number;

  constructor(server: VilyaServer) {
    this.server = server;
    this.masterPid = server.pid;
  }

  static async start(options: VilyaOptions = {}): Promise<UpgradableServer> {
    return new UpgradableServer(await startVilya({ config: phpApp(), ...options }));
  }

  /** Asks for an upgrade; returns when the master before it is gone. */
  async upgrade(): Promise<UpgradeReport> {
    const report = (await (
      await fetch(`${await this.admin()}/v1/upgrade`, { method: "POST" })
    ).json()) as UpgradeReport;
    const old = this.masterPid;
    if (report.masterPid !== null) {
      this.masterPid = report.masterPid;
      await until("the end of the old master", () => !isRunning(old));
    }
    return report;
  }

  async admin(): Promise<string> {
    return `http://127.0.0.1:${String((await this.server.logged("admin listening")).port)}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    process.kill(this.masterPid, "SIGTERM");
    await until("the end of all processes", () => this.server.processes().length === 0);
    await this.server[Symbol.asyncDispose]();
  }
}

describe("An upgrade", () => {
  test(`under load loses no request, ${UPGRADE_COUNT} times`, async () => {
    await using upgradable = await UpgradableServer.start();
    const { server } = upgradable;
    const load = new Load(server.port, CLIENTS);
    for (let count = 1; count <= UPGRADE_COUNT; count++) {
      const { served } = load.tally;
      expect(await upgradable.upgrade()).toMatchObject({ kind: "upgraded", reason: null });
      await until("requests after it", () => load.tally.served > served + 50);
    }
    expect((await load.stop()).lost).toEqual([]);
  });

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
