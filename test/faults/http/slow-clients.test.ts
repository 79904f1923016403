import { expect, test } from "bun:test";

import { outcomeOf, phpApp, startRequest } from "../../support/php-app.ts";
import { RawClient } from "../../support/raw-client.ts";
import { STALL_PROOF_S, until } from "../../support/until.ts";
import { startVilya } from "../../support/vilya.ts";

const HEAD = "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n";

test("clients that dribble heads and bodies get 408, and hold no worker meanwhile", async () => {
  const deadlines = { read_timeout: STALL_PROOF_S, deadlines: { head: STALL_PROOF_S } };
  await using server = await startVilya({ config: phpApp({ workers: { count: 1 }, server: deadlines }) });
  const heads = await Promise.all(Array.from({ length: 100 }, () => RawClient.connect(server.port)));
  const bodies = await Promise.all(Array.from({ length: 100 }, () => RawClient.connect(server.port)));
  for (const client of heads) client.send("GET / HTTP/1.1\r\nHost: a\r\nX-A: ");
  for (const client of bodies) client.send(HEAD);
  const clients = [...heads, ...bodies];
  let answeredCount = 0;
  while (clients.some((client) => !client.isEnded)) {
    // As far as it is taken: one may be closed, and its end not read yet.
    for (const client of clients) if (client.received === "") client.sendSome(Buffer.from("x"));
    expect(await outcomeOf(`${server.url}/echo`)).toStartWith("200 ");
    answeredCount++;
  }
  expect(answeredCount).toBeGreaterThan(0);
  for (const client of clients) {
    expect(client.received).toStartWith("HTTP/1.1 408 ");
    client[Symbol.dispose]();
  }
});

test("a client that reads nothing of a large answer is cut, and nobody waits for it", async () => {
  await using server = await startVilya({
    config: phpApp({ workers: { count: 1 }, server: { write_timeout: "1s" } }),
  });
  using client = await RawClient.connect(server.port);
  client.pause();
  client.send("GET /huge-answer?bytes=8388608 HTTP/1.1\r\nHost: a\r\n\r\n");
  await until("the cut", async () => {
    expect(await outcomeOf(`${server.url}/echo`)).toStartWith("200 ");
    const health = (await (await fetch(`${server.url}/health`)).json()) as { active: number };
    client.resume();
    const isCut = client.isEnded;
    client.pause();
    return health.active === 0 && isCut;
  });
  expect(client.received.length).toBeLessThan(8 << 20);
});

test("10,000 idle connections leave the others their service, and every descriptor comes back", async () => {
  const connectionCount = 10_000;
  await using server = await startVilya({
    config: phpApp({ workers: { count: 1 }, server: { max_connections: connectionCount + 10 } }),
  });
  const front = await server.frontPid();
  const before = Bun.file(`/proc/${front}/status`);
  const residentBefore = residentKib(await before.text());
  const sockets: Bun.Socket<undefined>[] = [];
  for (let batch = 0; batch < connectionCount / 500; batch++) {
    const opened = Array.from({ length: 500 }, () =>
      Bun.connect({ hostname: "127.0.0.1", port: server.port, socket: { data() {} } }),
    );
    sockets.push(...(await Promise.all(opened)));
  }
  const running = await startRequest(server, 100);
  expect(await running.outcome).toBe("200 appended");
  const grownKib = residentKib(await Bun.file(`/proc/${front}/status`).text()) - residentBefore;
  expect(grownKib / connectionCount).toBeLessThan(4);
  for (const socket of sockets) socket.end();
  await until("every connection to be closed", async () => {
    const links = await Array.fromAsync(new Bun.Glob("*").scan({ cwd: `/proc/${front}/fd`, onlyFiles: false }));
    return links.length < 100;
  });
  expect(await outcomeOf(`${server.url}/echo`)).toStartWith("200 ");
});

test("connections above the limit are closed at once, and come through when there is room again", async () => {
  await using server = await startVilya({ config: phpApp({ server: { max_connections: 2 } }) });
  const first = await RawClient.connect(server.port);
  using second = await RawClient.connect(server.port);
  for (const client of [first, second]) {
    client.send("GET /echo HTTP/1.1\r\nHost: a\r\n\r\n");
    await client.untilReceived("HTTP/1.1 200");
  }
  const refused = await RawClient.connect(server.port).then(
    (third) => third.untilEnd(),
    () => "",
  );
  expect(refused).toBe("");
  first[Symbol.dispose]();
  await until("room", async () => (await outcomeOf(`${server.url}/echo`)).startsWith("200 "));
});

function residentKib(status: string): number {
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]);
}
