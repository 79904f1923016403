import { describe, expect, test } from "bun:test";

import { Load } from "../../support/load.ts";
import { outcomeOf, phpApp } from "../../support/php-app.ts";
import { isRunning } from "../../support/process-table.ts";
import { RawClient } from "../../support/raw-client.ts";
import { BeforeFault } from "../../support/server-state.ts";
import { until } from "../../support/until.ts";
import { startVilya, type VilyaOptions, type VilyaServer } from "../../support/vilya.ts";

const TOKEN = "0123456789abcdef-secret";
const IDLE_CLIENT_COUNT = 1_000;

async function adminOf(server: VilyaServer): Promise<string> {
  const { port } = await server.logged("admin listening");
  return `http://127.0.0.1:${String(port)}`;
}

async function connectTo(admin: string): Promise<RawClient> {
  return RawClient.connect(Number(new URL(admin).port));
}

/** Attacks the admin listener while clients are served, who see nothing of it; afterwards the server is as it was. */
async function underAttack(attack: (admin: string, server: VilyaServer) => Promise<void>, options: VilyaOptions = {}) {
  await using server = await startVilya({ config: phpApp(), ...options });
  const admin = await adminOf(server);
  const before = await BeforeFault.of(server);
  const load = new Load(server.port, ["keep-alive", "HTTP/2"]);
  await attack(admin, server);
  const { served } = load.tally;
  await until("requests after it", () => load.tally.served > served + 50);
  expect((await load.stop()).lost).toEqual([]);
  expect(isRunning(server.pid)).toBe(true);
  await before.untilAsBefore();
}

describe("The admin listener under attack", () => {
  test.each([
    ["a page of another site", { Origin: "https://evil.example" }],
    ["a page of another port of this machine", { Origin: "http://127.0.0.1:3000" }],
    ["a page without an origin", { Origin: "null" }],
    ["a name that was made to point here", { Host: "rebound.example:9090" }],
    [
      "a name that was made to point here, by its own page",
      { Host: "rebound.example:9090", Origin: "http://rebound.example:9090" },
    ],
    ["an image of another site", { "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors" }],
  ])("refuses %s", async (_, headers) => {
    await underAttack(async (admin) => {
      const answer = await fetch(`${admin}/v1/stop`, { method: "POST", headers, body: "{}" });
      expect(answer.status).toBe(403);
      expect(answer.headers.get("access-control-allow-origin")).toBeNull();
    });
  });

  test("refuses wrong tokens, however many, and takes the right one", async () => {
    const config = { ...phpApp(), admin: { port: 0, token_file: "token" } };
    const guesses = ["", TOKEN.slice(0, -1), `${TOKEN}x`, TOKEN.toUpperCase(), "x".repeat(8_000)];
    await underAttack(
      async (admin, server) => {
        const ask = async (token: string): Promise<number> =>
          (await fetch(`${admin}/v1/status`, { headers: { Authorization: `Bearer ${token}`, Connection: "close" } }))
            .status;
        const statuses = await Promise.all(
          Array.from({ length: 200 }, (_, index) => ask(guesses[index % guesses.length]!)),
        );
        expect(statuses.filter((status) => status !== 401 && status !== 431)).toEqual([]);
        expect(await ask(TOKEN)).toBe(200);
        expect(JSON.stringify(server.log)).not.toContain(TOKEN.slice(0, -1));
      },
      { config, files: { token: `${TOKEN}\n` } },
    );
  });

  test(`answers a probe beside ${IDLE_CLIENT_COUNT} clients that say nothing, and lets go of them`, async () => {
    await underAttack(async (admin) => {
      const idle = await Promise.all(Array.from({ length: IDLE_CLIENT_COUNT }, () => connectTo(admin)));
      expect(await outcomeOf(`${admin}/health`)).toStartWith("200 ");
      for (const client of idle) client[Symbol.dispose]();
    });
  });

  test("refuses a body that is announced as huge before it is sent, and one that never ends", async () => {
    await underAttack(async (admin) => {
      using announced = await connectTo(admin);
      announced.send("POST /v1/stop HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 10000000000\r\n\r\n");
      expect(await announced.untilReceived("\r\n\r\n")).toStartWith("HTTP/1.1 413 ");
      using endless = await connectTo(admin);
      endless.send("POST /v1/stop HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n");
      const chunk = `4000\r\n${"x".repeat(0x4000)}\r\n`;
      for (let count = 0; count < 5; count++) endless.sendSome(Buffer.from(chunk));
      expect(await endless.untilReceived("\r\n\r\n")).toStartWith("HTTP/1.1 413 ");
    });
  });
});
