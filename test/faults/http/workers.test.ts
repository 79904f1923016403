import { describe, expect, test } from "bun:test";

import { outcomeOf, phpApp, startRequest } from "../../support/php-app.ts";
import { STALL_PROOF_S, until } from "../../support/until.ts";
import { startVilya } from "../../support/vilya.ts";

/** What a client sees of a worker that misbehaves; the pool's own tests say what becomes of the worker. */
const FAULTS: readonly { readonly path: string; readonly outcome: string; readonly timeout?: number }[] = [
  { path: "/exit?code=3", outcome: "502 502 Bad Gateway\n" },
  { path: "/fatal", outcome: "502 502 Bad Gateway\n" },
  { path: "/kill", outcome: "502 502 Bad Gateway\n" },
  { path: "/wrong-id", outcome: "502 502 Bad Gateway\n" },
  { path: "/half-frame", outcome: "502 502 Bad Gateway\n" },
  { path: "/huge-frame", outcome: "502 502 Bad Gateway\n" },
  { path: "/garbage", outcome: "502 502 Bad Gateway\n" },
  { path: "/not-msgpack", outcome: "502 502 Bad Gateway\n" },
  { path: "/twice", outcome: "200 once" },
  { path: "/print?out=hello&err=oops", outcome: "200 printed" },
  { path: "/sleep?ms=60000", outcome: "504 504 Gateway Timeout\n", timeout: STALL_PROOF_S },
];

describe("a client", () => {
  for (const { path, outcome, timeout = 30 } of FAULTS) {
    test(`sees ${outcome.slice(0, 3)} for ${path}, and the next request is answered`, async () => {
      await using server = await startVilya({
        config: phpApp({ workers: { count: 1, timeout, stop_timeout: "1s" } }),
        expectedErrors: ["worker crashed", "worker broke the protocol", "workers keep failing"],
      });
      expect(await outcomeOf(`${server.url}${path}`)).toBe(outcome);
      await until("a worker", async () => (await fetch(`${server.url}/health`)).status === 200);
      expect(await outcomeOf(`${server.url}/echo`)).toStartWith("200 ");
      await until("no zombie", () => server.zombies().length === 0);
    });
  }

  test("never sees what a worker says of its error, but an id that the log explains", async () => {
    await using server = await startVilya({ config: phpApp(), expectedErrors: ["worker reported an error"] });
    const outcome = await outcomeOf(`${server.url}/error`);
    const [, errorId] = /^500 500 Internal Server Error\nError id: ([\da-f-]+)\n$/.exec(outcome) ?? [];
    expect(errorId).toBeDefined();
    expect(await server.logged("worker reported an error")).toMatchObject({ errorId, error: "the secret reason" });
  });

  test("is answered by another worker while one is stopped", async () => {
    await using server = await startVilya({
      config: phpApp({ workers: { count: 2, timeout: STALL_PROOF_S, stop_timeout: "1s" } }),
      expectedErrors: ["worker crashed"],
    });
    const running = await startRequest(server, 60_000);
    const health = (await (await fetch(`${server.url}/health`)).json()) as { active: number };
    expect(health.active).toBe(1);
    for (let i = 0; i < 5; i++) expect(await outcomeOf(`${server.url}/echo`)).toStartWith("200 ");
    expect(await running.outcome).toBe("504 504 Gateway Timeout\n");
  });
});
