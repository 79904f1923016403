import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { vilya } from "../../support/command-line.ts";
import { outcomeOf, phpApp } from "../../support/php-app.ts";
import { RawClient } from "../../support/raw-client.ts";
import { BeforeFault } from "../../support/server-state.ts";
import { until } from "../../support/until.ts";
import { startVilya, type VilyaOptions, type VilyaServer } from "../../support/vilya.ts";

const LAUNCHER = join(import.meta.dir, "../../../bin/vilya");
const FEW_DESCRIPTORS = 128;
const GET = "GET /other HTTP/1.1\r\nHost: a\r\n\r\n";

function startPoor(options: VilyaOptions = {}): Promise<VilyaServer> {
  const command = ["sh", "-c", `ulimit -n ${FEW_DESCRIPTORS} && exec "$0" "$@"`, LAUNCHER];
  return startVilya({ config: phpApp(), ...options, command });
}

/** More idle clients than there are descriptors. A server that cannot take one closes it at once. */
class Crowd implements Disposable {
  readonly #clients: readonly (RawClient | null)[];

  constructor(clients: readonly (RawClient | null)[]) {
    this.#clients = clients;
  }

  static async at(port: number): Promise<Crowd> {
    const connect = (): Promise<RawClient | null> => RawClient.connect(port).catch(() => null);
    return new Crowd(await Promise.all(Array.from({ length: 2 * FEW_DESCRIPTORS }, connect)));
  }

  get refusedCount(): number {
    return this.#clients.filter((client) => client === null || client.isEnded).length;
  }

  [Symbol.dispose](): void {
    for (const client of this.#clients) client?.[Symbol.dispose]();
  }
}

/** Processor time of a process in clock ticks. proc_pid_stat(5), fields 14 and 15. */
function ticksOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return Number(fields[14 - 3]) + Number(fields[15 - 3]);
}

describe("A server with few descriptors", () => {
  test("refuses connections before it has none left, serves those it has, and all once they have gone", async () => {
    await using server = await startPoor();
    expect(await server.logged("limit of open files is too low for server.max_connections")).toMatchObject({
      openFileCountMax: FEW_DESCRIPTORS,
      connectionCountMax: FEW_DESCRIPTORS / 2,
    });
    const before = await BeforeFault.of(server);
    using kept = await RawClient.connect(server.port);
    kept.send(GET);
    await kept.untilReceived("served 1");
    const crowd = await Crowd.at(server.port);
    await until("the refusal of who is too many", () => crowd.refusedCount > FEW_DESCRIPTORS);
    kept.received = "";
    kept.send(GET);
    await kept.untilReceived("served 2");
    expect((await vilya(server, "ready")).code).toBe(0);
    server.signal("SIGHUP");
    expect(await server.logged("reloaded")).toMatchObject({ kind: "workers" });
    crowd[Symbol.dispose]();
    await until("room", async () => (await outcomeOf(`${server.url}/other`)).startsWith("200 "));
    kept[Symbol.dispose]();
    await before.untilAsBefore();
  });

  test("answers its operators beside clients who hold the admin listener", async () => {
    await using server = await startPoor();
    const { port } = await server.logged("admin listening");
    const before = await BeforeFault.of(server);
    const crowd = await Crowd.at(Number(port));
    await until("the refusal of who is too many", () => crowd.refusedCount > FEW_DESCRIPTORS);
    const startTicks = ticksOf(server.pid);
    expect((await vilya(server, "status")).code).toBe(0);
    expect(await outcomeOf(`${server.url}/other`)).toStartWith("200 ");
    expect(ticksOf(server.pid) - startTicks).toBeLessThan(100);
    crowd[Symbol.dispose]();
    await before.untilAsBefore();
  });
});
