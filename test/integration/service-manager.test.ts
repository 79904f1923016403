import { describe, expect, test } from "bun:test";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { bindSocket } from "../../src/kernel/bound-socket.ts";
import { NotifySocket } from "../support/notify-socket.ts";
import { outcomeOf, phpApp, startRequest } from "../support/php-app.ts";
import { processEntry } from "../support/process-table.ts";
import { until } from "../support/until.ts";
import { startVilya } from "../support/vilya.ts";

const LAUNCHER = join(import.meta.dir, "../../bin/vilya");

/** As systemd does it: the variables name the process that the service becomes. */
const ACTIVATED = ["sh", "-c", 'LISTEN_PID=$$ LISTEN_FDS=$COUNT exec "$0" "$@"', LAUNCHER];

describe("A service manager", () => {
  test("is told of start, reload and stop, and sees that the service lives", async () => {
    using manager = new NotifySocket();
    const environment = { NOTIFY_SOCKET: manager.path, WATCHDOG_USEC: "200000" };
    await using server = await startVilya({ config: phpApp(), environment });
    const told = (start: string): Promise<string> =>
      until(`a message ${start}`, () => manager.messages.find((message) => message.startsWith(start)));
    expect(await told("READY=1")).toBe("READY=1\nSTATUS=2 workers, 0 busy, 0 connections");
    expect(await outcomeOf(`${server.url}/env`)).not.toMatch(/NOTIFY_SOCKET|WATCHDOG_USEC/);
    server.signal("SIGHUP");
    expect(await told("RELOADING=1")).toMatch(/^RELOADING=1\nMONOTONIC_USEC=\d+$/);
    await server.logged("reloaded");
    await until(
      "the end of the reload",
      () => manager.messages.filter((each) => each.startsWith("READY=1")).length === 2,
    );
    await until("signs of life", () => manager.messages.filter((each) => each === "WATCHDOG=1").length >= 3);
    server.signal("SIGSTOP");
    await until("the stop", () => processEntry(server.pid)?.state === "T");
    const { length } = manager.messages;
    expect(await outcomeOf(`${server.url}/other`)).toStartWith("200 ");
    expect(manager.messages).toHaveLength(length);
    server.signal("SIGCONT");
    const running = await startRequest(server, 300);
    const stopped = server.stop();
    expect(await told("STOPPING=1")).toMatch(/\nEXTEND_TIMEOUT_USEC=\d+$/);
    expect([await running.outcome, (await stopped).exitCode]).toEqual(["200 appended", 0]);
  });

  test("that binds the sockets itself keeps them while the service is gone", async () => {
    using tcp = await bindSocket({ host: "127.0.0.1", port: 0 });
    const directory = mkdtempSync(join(tmpdir(), "va-"));
    try {
      using unix = await bindSocket({ path: join(directory, "v.sock") });
      const listeners = [{ path: join(directory, "v.sock") }, { host: "127.0.0.1", port: tcp.port }];
      const options = {
        config: phpApp({ server: { listeners } }),
        command: ACTIVATED,
        environment: { COUNT: "2" },
        inherits: [tcp.fd, unix.fd],
      };
      const url = `http://127.0.0.1:${tcp.port}/other`;
      {
        await using server = await startVilya(options);
        expect(server.url).toBe(`http://127.0.0.1:${tcp.port}`);
        expect(await outcomeOf(url)).toStartWith("200 ");
        const answer = await fetch("http://a.test/other", { unix: join(directory, "v.sock") });
        expect(await answer.text()).toStartWith("served ");
        expect(await outcomeOf(`${server.url}/env`)).not.toContain("LISTEN_FDS");
      }
      expect(existsSync(join(directory, "v.sock"))).toBe(true);
      const waiting = outcomeOf(url);
      await using _ = await startVilya(options);
      expect(await waiting).toStartWith("200 ");
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  test("that binds what nobody asks for is told so, and nothing starts", async () => {
    using tcp = await bindSocket({ host: "127.0.0.1", port: 0 });
    await using server = await startVilya({
      config: phpApp(),
      command: ACTIVATED,
      environment: { COUNT: "1" },
      inherits: [tcp.fd],
      waitFor: "exit",
    });
    const { exitCode, stderr } = await server.stop(null);
    expect([exitCode, stderr]).toEqual([
      1,
      expect.stringContaining(`error: cannot use the socket of the service manager at port ${tcp.port}: no listener`),
    ]);
  });
});
