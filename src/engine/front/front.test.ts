import { describe, expect, test } from "bun:test";
import { RecordingLog } from "../../../test/support/recording-log.ts";
import { fakeConfigSystem } from "../../../test/support/fake-config-system.ts";
import { TemporaryDirectory } from "../../../test/support/temporary-directory.ts";
import { loadConfig } from "../../config/load-config.ts";
import { bindBeside, bindSocket } from "../../kernel/bound-socket.ts";
import { Front } from "./front.ts";

const STUB_FILE = "/app/vilya.yaml";

/** A front without workers, one of two, on sockets of its own. */
async function makeFront(isSuccessor: boolean, shutdownDelay = "0") {
  const directory = new TemporaryDirectory();
  const text = `runtime: stub\nserver: { shutdown_delay: ${shutdownDelay} }\n`;
  const system = fakeConfigSystem({ files: { [STUB_FILE]: text } });
  const { config } = loadConfig({ file: null, overrides: [] }, system);
  const first = await bindSocket({ host: "127.0.0.1", port: 0 });
  const listenFds = [[first.release(), bindBeside(first).release()]];
  const front = new Front({
    config,
    listenFds,
    place: { index: 0, count: 2 },
    credentials: [null],
    directory: directory.path,
    socketPrefix: "0badcafe-",
    isSuccessor,
    connectionCountMax: 100,
    log: new RecordingLog(),
    runtimeVersion: "0",
    environment: {},
    onWorkerSpawned() {},
    onWorkerExited() {},
  });
  return {
    front,
    ask: async () => (await fetch(`http://127.0.0.1:${first.port}/`, { keepalive: false })).status,
    end: () => directory[Symbol.dispose](),
  };
}

describe("Front", () => {
  test("serves from its start on, tells of itself, and refuses nobody in the end but those who come later", async () => {
    const { front, ask, end } = await makeFront(false);
    await front.start();
    expect(await ask()).toBe(200);
    expect(front.report).toMatchObject({ isReady: true, pools: [], relay: { relayedCount: 0 } });
    expect(front.report.exchanges[0]?.requests).toEqual([
      { method: "GET", statusClass: "2xx", httpVersion: "1", count: 1 },
    ]);
    expect(await front.stop({ now: false })).toEqual({ wasCut: false });
    expect(front.status.isReady).toBe(false);
    await expect(ask()).rejects.toThrow();
    end();
  });

  test("accepts nothing as a successor before it is told to", async () => {
    const { front, ask, end } = await makeFront(true);
    await front.start();
    expect(front.report.listeners).toEqual([]);
    const waiting = ask();
    front.acceptFor([1]);
    expect(await waiting).toBe(200);
    for (let count = 1; count <= 8; count++) expect(await ask()).toBe(200);
    expect(await front.stop({ now: true })).toEqual({ wasCut: false });
    front.acceptFor([]);
    await expect(ask()).rejects.toThrow();
    end();
  });

  test("serves on in its delay, until nobody is left to wait for", async () => {
    const { front, ask, end } = await makeFront(false, "60m");
    await front.start();
    const stopped = front.stop({ now: false });
    expect(await ask()).toBe(200);
    void front.stop({ now: false, isDelayed: false });
    expect(await stopped).toEqual({ wasCut: false });
    front.acceptFor([]);
    await expect(ask()).rejects.toThrow();
    end();
  });
});
