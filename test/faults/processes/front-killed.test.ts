import { describe, expect, test } from "bun:test";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { outcomeOf, phpApp, startRequest } from "../../support/php-app.ts";
import { isRunning, processEntry } from "../../support/process-table.ts";
import { until } from "../../support/until.ts";
import { startVilya, type VilyaServer } from "../../support/vilya.ts";

/** Kills the front and waits until another one serves. */
async function replaceFront(server: VilyaServer): Promise<void> {
  const killed = await server.frontPid();
  const startCount = server.log.filter(({ event }) => event === "front started").length;
  server.signal("SIGKILL", killed);
  await server.logged("front started", startCount + 1);
}

describe("kill -9 of the front", () => {
  test("costs the requests it was serving, and nobody else's", async () => {
    await using server = await startVilya({ config: phpApp() });
    const { outcome } = await startRequest(server, 60_000);
    server.signal("SIGKILL", await server.frontPid());
    // Nobody accepts at this moment: the master's socket queues what comes.
    const waiting = Array.from({ length: 20 }, () => outcomeOf(`${server.url}/worker-id`));
    expect(await outcome).toBe("failed");
    expect(await Promise.all(waiting)).toEqual(Array.from({ length: 20 }, () => expect.stringMatching(/^200 /)));
    expect(await server.logged("front died")).toMatchObject({ level: "warn", signal: "SIGKILL", restartDelayMs: 0 });
  });

  test("under load refuses no connection", async () => {
    await using server = await startVilya({ expectedErrors: ["fronts keep dying"] });
    const outcomes = new Map<string, number>();
    let isLoading = true;
    const clients = Array.from({ length: 16 }, async () => {
      while (isLoading) {
        const outcome = await connectAndAsk(server.port);
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      }
    });
    for (let kills = 0; kills < 3; kills++) {
      const answeredBefore = outcomes.get("answered") ?? 0;
      await replaceFront(server);
      await until("more answers", () => (outcomes.get("answered") ?? 0) > answeredBefore + 100);
    }
    isLoading = false;
    await Promise.all(clients);
    expect(outcomes.get("refused")).toBeUndefined();
    // What a front had accepted when it was killed is lost with it: at most what the clients had open, each time.
    expect(outcomes.get("lost") ?? 0).toBeLessThanOrEqual(3 * 16);
  });

  test("ends its workers and what they started, and leaves no zombie and no socket", async () => {
    await using server = await startVilya({ config: phpApp() });
    expect(await outcomeOf(`${server.url}/fork`)).toMatch(/^200 /);
    const workerPids = await server.workerPids();
    const frontDirectory = readdirSync(server.runtimeDirectory!).find((name) => name.startsWith("front-"));
    const before = new Set(server.processes());
    expect(before.size).toBe(5); // Master, front, two workers, and the child of one.
    await replaceFront(server);
    await until("the end of its workers", () => !workerPids.some(isRunning));
    await until("the end of everything the front had", () =>
      [...before].every((pid) => pid === server.pid || processEntry(pid) === null),
    );
    await until("no zombie", () => server.zombies().length === 0);
    await until("the end of its directory", () => !existsSync(join(server.runtimeDirectory!, frontDirectory!)));
    await until("workers of the next one", async () => (await server.workerPids()).length === 2);
  });

  test("leaves the master's descriptors as they were", async () => {
    await using server = await startVilya({ expectedErrors: ["fronts keep dying"] });
    await replaceFront(server);
    const before = server.descriptorCount();
    for (let kills = 0; kills < 4; kills++) await replaceFront(server);
    await until("as many descriptors as before", () => server.descriptorCount() <= before);
  });

  test("during a stop ends the stop, and the exit code says that something was cut", async () => {
    await using server = await startVilya({ config: phpApp() });
    const { outcome } = await startRequest(server, 60_000);
    server.signal("SIGTERM");
    await server.logged("stopping");
    server.signal("SIGKILL", await server.frontPid());
    expect(await server.stop(null)).toMatchObject({ exitCode: 3 });
    expect(await outcome).toBe("failed");
  });
});

describe("A front that is stopped (SIGSTOP)", () => {
  test("is killed and replaced when it has missed its heartbeats", async () => {
    await using server = await startVilya({ expectedErrors: ["front killed: it gave no sign of life"] });
    const stopped = await server.frontPid();
    server.signal("SIGSTOP", stopped);
    const waiting = outcomeOf(`${server.url}/`);
    await until("its end", () => !isRunning(stopped), 60_000);
    expect(await server.frontPid(stopped)).not.toBe(stopped);
    expect(await outcomeOf(`${server.url}/`)).toMatch(/^200 /);
    await waiting; // Lost or answered: which of the fronts accepted it is not ours to say.
  }, 120_000);
});

/** One connection with one request. Refused is what the kernel says when nobody listens; lost is everything else that is no answer. */
function connectAndAsk(port: number): Promise<"answered" | "refused" | "lost"> {
  const { promise, resolve } = Promise.withResolvers<"answered" | "refused" | "lost">();
  Bun.connect({
    hostname: "127.0.0.1",
    port,
    socket: {
      open: (socket) => void socket.write("GET / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n"),
      data(socket, bytes) {
        resolve(bytes.toString("latin1").startsWith("HTTP/1.1 200 ") ? "answered" : "lost");
        socket.end();
      },
      close: () => resolve("lost"),
      error: () => resolve("lost"),
    },
  }).catch((error: unknown) => {
    resolve((error as NodeJS.ErrnoException).code === "ECONNREFUSED" ? "refused" : "lost");
  });
  return promise;
}
