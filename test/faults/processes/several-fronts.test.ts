import { describe, expect, test } from "bun:test";
import { outcomeOf, phpApp } from "../../support/php-app.ts";
import { isRunning } from "../../support/process-table.ts";
import { RawClient } from "../../support/raw-client.ts";
import { until } from "../../support/until.ts";
import { startVilya, type VilyaServer } from "../../support/vilya.ts";

const TWO_FRONTS = { fronts: 2, workers: { count: 4 } };

const ANSWER = /\r\n\r\n\d+$/;

const REQUEST = "GET /pid HTTP/1.1\r\nHost: a\r\n\r\n";

/** Connections that have had an answer, so that each is some front's. */
async function connectAll(server: VilyaServer, count: number): Promise<readonly RawClient[]> {
  const clients = await Promise.all(Array.from({ length: count }, () => RawClient.connect(server.port)));
  for (const client of clients) client.send(REQUEST);
  await Promise.all(clients.map((client) => client.until("an answer", ({ received }) => ANSWER.test(received))));
  return clients;
}

/** How many of the clients get an answer to another request; the others find their connection closed. */
async function countAnswered(clients: readonly RawClient[]): Promise<number> {
  let answeredCount = 0;
  for (const client of clients) {
    client.received = "";
    if (client.isEnded) continue;
    client.send(REQUEST);
    await client.until("an answer or an end", ({ received, isEnded }) => isEnded || ANSWER.test(received));
    if (ANSWER.test(client.received)) answeredCount++;
  }
  return answeredCount;
}

describe("Of two fronts", () => {
  test("one that is killed loses its own connections, and nobody who comes anew or is the other one's", async () => {
    await using server = await startVilya({ config: phpApp(TWO_FRONTS) });
    const clients = await connectAll(server, 40);
    const [first] = await server.frontPids(2);
    const fresh: string[] = [];
    let isAsking = true;
    const asking = Array.from({ length: 4 }, async () => {
      while (isAsking) fresh.push(await outcomeOf(`${server.url}/pid`));
    });
    server.signal("SIGKILL", first);
    await server.logged("front started", 3);
    await until("requests after it", () => fresh.length > 100);
    isAsking = false;
    await Promise.all(asking);
    // What the killed front had accepted and not answered: one request of each client at most.
    expect(fresh.filter((each) => !each.startsWith("200 ")).length).toBeLessThanOrEqual(4);
    const answeredCount = await countAnswered(clients);
    expect(answeredCount).toBeGreaterThanOrEqual(4);
    expect(answeredCount).toBeLessThanOrEqual(36);
    for (const client of clients) client[Symbol.dispose]();
  });

  test("one that is stopped is stood in for, and goes on with what it has when it is continued", async () => {
    await using server = await startVilya({ config: phpApp(TWO_FRONTS) });
    const clients = await connectAll(server, 40);
    const [first] = await server.frontPids(2);
    server.signal("SIGSTOP", first);
    // Half of these wait in the queue of the stopped one, until the other one accepts there.
    const outcomes = await Promise.all(Array.from({ length: 40 }, () => outcomeOf(`${server.url}/pid`)));
    expect(outcomes.filter((each) => !each.startsWith("200 "))).toEqual([]);
    expect(await server.logged("front does not answer")).toMatchObject({ level: "warn", pid: first });
    const ready = await fetch(`http://127.0.0.1:${String((await server.logged("admin listening"))["port"])}/ready`);
    expect(ready.status).toBe(200);
    server.signal("SIGCONT", first);
    await server.logged("front answers again");
    expect(await countAnswered(clients)).toBe(40);
    for (const client of clients) client[Symbol.dispose]();
  });

  test("one that keeps dying costs nobody a connection that the other one can have", async () => {
    await using server = await startVilya({ config: phpApp(TWO_FRONTS), expectedErrors: ["fronts keep dying"] });
    const [, second] = await server.frontPids(2);
    const clients = await connectAll(server, 20);
    for (let deaths = 1; deaths <= 4; deaths++) {
      const dying = (await server.frontPids(2)).find((pid) => pid !== second);
      server.signal("SIGKILL", dying);
      await until("its end", () => !isRunning(dying!));
      expect(await Promise.all(Array.from({ length: 10 }, () => outcomeOf(`${server.url}/pid`)))).toEqual(
        Array.from({ length: 10 }, () => expect.stringMatching(/^200 /)),
      );
    }
    await server.logged("fronts keep dying");
    expect(await countAnswered(clients)).toBeGreaterThan(0);
    for (const client of clients) client[Symbol.dispose]();
  });
});
