import { describe, expect, test } from "bun:test";
import { join } from "node:path";

import { RawClient } from "../../support/raw-client.ts";
import { STALL_PROOF_S, until } from "../../support/until.ts";
import { startVilya, type VilyaServer } from "../../support/vilya.ts";
import { WebSocketClient } from "../../support/websocket-client.ts";

const APP = join(import.meta.dir, "../../support/apps/sockets.mjs");

function start(
  runtime: string,
  workers: Readonly<Record<string, unknown>>,
  expectedErrors: readonly string[] = [],
): Promise<VilyaServer> {
  return startVilya({ config: { runtime, entry: APP, workers: { count: 1, ...workers } }, expectedErrors });
}

async function untilReplaced(server: VilyaServer, pid: string): Promise<void> {
  await until("another worker", async () => {
    const answer = await fetch(server.url);
    return answer.status === 200 && (await answer.text()) !== pid;
  });
}

describe.each(["bun", "node"])("a worker on %s", (runtime) => {
  test("whose loop is blocked is found out, ended and replaced: its requests get 504, its sockets 1011", async () => {
    await using server = await start(runtime, { ping_interval: 0.05, ping_timeout: STALL_PROOF_S }, [
      "worker killed",
      "worker hung",
    ]);
    const pid = await (await fetch(server.url)).text();
    using client = await WebSocketClient.open(await RawClient.connect(server.port));
    expect((await fetch(`${server.url}/block`)).status).toBe(504);
    expect(await client.until(1)).toEqual(["close 1011"]);
    await server.logged("worker blocks its loop");
    await server.logged("worker ended because its loop was blocked");
    await untilReplaced(server, pid);
  });

  test("that has leaked too much is replaced, and no request is lost with it", async () => {
    await using server = await start(runtime, { memory_limit: "200MB" });
    const pid = await (await fetch(server.url)).text();
    const statuses: number[] = [];
    for (let count = 0; count < 4; count++) statuses.push((await fetch(`${server.url}/leak?bytes=100000000`)).status);
    expect(statuses).toEqual([200, 200, 200, 200]);
    await untilReplaced(server, pid);
  });

  test.each([
    ["exits", "/exit?code=3"],
    ["exits as if all were well", "/exit?code=0"],
    ["throws outside of any request", "/throw-later"],
  ])("that %s costs what it ran: 502, sockets 1011, and the next one serves", async (_, path) => {
    await using server = await start(runtime, {}, ["worker crashed"]);
    const pid = await (await fetch(server.url)).text();
    using client = await WebSocketClient.open(await RawClient.connect(server.port));
    const answer = await fetch(server.url + path, { method: "POST" });
    expect([answer.status, (await answer.text()).includes("thrown")]).toEqual([502, false]);
    expect(await client.until(1)).toEqual(["close 1011"]);
    await untilReplaced(server, pid);
  });
});
