import { describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";

import { RawClient } from "../support/raw-client.ts";
import { startVilya, type VilyaServer } from "../support/vilya.ts";

const APPS = join(import.meta.dir, "../support/apps");

/** Applications of frameworks as their documentation has them, and the runtimes that they run on. */
const FRAMEWORKS = [
  { framework: "hono", runtime: "bun", waits: true, knowsAddress: true },
  { framework: "hono", runtime: "node", waits: true, knowsAddress: true },
  { framework: "h3", runtime: "bun", waits: true, knowsAddress: true },
  { framework: "h3", runtime: "node", waits: true, knowsAddress: true },
  { framework: "react-router", runtime: "bun", waits: true, knowsAddress: true },
  { framework: "elysia", runtime: "bun", waits: false, knowsAddress: false },
  { framework: "elysia", runtime: "node", waits: false, knowsAddress: false },
] as const;

function serve(framework: string, runtime: string): Promise<VilyaServer> {
  return startVilya({ config: { runtime, entry: join(APPS, `${framework}.mjs`), workers: { count: 1 } } });
}

describe.each(FRAMEWORKS)("$framework on $runtime", ({ framework, runtime, waits, knowsAddress }) => {
  test("serves as it is: routes, bodies, cookies, streams, failures, and what outlasts a response", async () => {
    await using server = await serve(framework, runtime);
    const user = (await (await fetch(`${server.url}/users/7?page=2`)).json()) as { from?: string };
    expect(user).toMatchObject({ id: "7", page: "2" });
    if (knowsAddress) expect(user.from).toMatch(/^127\.0\.0\.1(?::\d+)?$/);

    const json = { method: "POST", headers: { "content-type": "application/json" }, body: `{"name":"caf\u00e9"}` };
    const echo = await fetch(`${server.url}/echo`, json);
    expect([echo.status, await echo.json()]).toEqual([201, { name: "caf\u00e9" }]);
    const body = new FormData();
    body.append("name", "Ada");
    expect(await (await fetch(`${server.url}/form`, { method: "POST", body })).text()).toBe("Ada");

    const cookies = await fetch(`${server.url}/cookies`);
    expect([await cookies.text(), cookies.headers.getSetCookie()]).toEqual(["set", ["a=1; Path=/", "b=2; Path=/"]]);

    using client = await RawClient.connect(server.port);
    client.send("GET /stream HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    const streamed = await client.untilEnd();
    expect(streamed).toMatch(/one [^]+two [^]+three /);
    expect(streamed.toLowerCase()).toContain("transfer-encoding: chunked");

    const thrown = await fetch(`${server.url}/throw`);
    expect([thrown.status, (await thrown.text()).includes("secret")]).toEqual([500, false]);
    expect((await fetch(`${server.url}/missing`)).status).toBe(404);

    if (!waits) return;
    expect(await (await fetch(`${server.url}/later`)).text()).toBe("now");
    await server.stop();
    expect(existsSync(join(server.directory, "later.txt"))).toBe(true);
  });
});
