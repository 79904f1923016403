import { expect, test } from "bun:test";
import { join } from "node:path";

import { RawClient } from "../support/raw-client.ts";
import { startVilya, type VilyaServer } from "../support/vilya.ts";
import { WebSocketClient } from "../support/websocket-client.ts";

const APPS = join(import.meta.dir, "../support/apps");

async function textOf(server: VilyaServer, path: string, init?: RequestInit): Promise<string> {
  return (await fetch(server.url + path, init)).text();
}

test("a module that calls Bun.serve and exports nothing is served with what it gave", async () => {
  const entry = join(APPS, "serves-itself.mjs");
  await using server = await startVilya({ config: { runtime: "bun", entry, workers: { count: 2 } } });
  expect([await textOf(server, "/"), await textOf(server, "/none")]).toEqual(["home", "no /none"]);
  const user = await fetch(`${server.url}/users/7`);
  expect([await user.json(), user.headers.getSetCookie()]).toEqual([
    { id: "7", knows: "function" },
    [expect.stringContaining("seen=7")],
  ]);
  expect(await textOf(server, "/address")).toBe("127.0.0.1");
  expect(await textOf(server, "/throw")).toBe("sorry, the reason");

  using client = await WebSocketClient.open(await RawClient.connect(server.port), {}, "/room?name=Ada");
  expect(await client.until(1)).toEqual(["text Hello Ada"]);
  expect(await textOf(server, "/say", { method: "POST", body: "To all" })).toBe("said");
  expect((await client.until(2))[1]).toBe("text To all");
});

test.each([
  [
    "Elysia that listens",
    `import { Elysia } from "elysia";
     let port;
     export const app = new Elysia().onStart(({ server }) => { port = server.port; }).get("/", () => "on " + port).listen(3000);`,
    "on 3000",
  ],
  [
    "a server that comes later, and another one beside it",
    `import { serve } from "bun";
     async function main() {
       await Bun.sleep(20);
       serve({ fetch: async () => fetch(inner.url) });
       const inner = serve({ port: 0, fetch: () => new Response("from within") });
     }
     main();`,
    "from within",
  ],
  [
    "a server of its own beside what it exports",
    `const inner = Bun.serve({ port: 0, fetch: () => new Response("from within") });
     export default { fetch: () => fetch(inner.url) };`,
    "from within",
  ],
])("so is %s", async (_, source, expected) => {
  const files = { "app.ts": source.replace(`"elysia"`, JSON.stringify(import.meta.resolve("elysia"))) };
  await using server = await startVilya({ config: { runtime: "bun", entry: "app.ts", workers: { count: 1 } }, files });
  expect(await textOf(server, "/")).toBe(expected);
});
