import { expect, test } from "bun:test";

import { vilya } from "../support/command-line.ts";
import { outcomeOf, phpApp } from "../support/php-app.ts";
import { until } from "../support/until.ts";
import { startVilya, type VilyaServer } from "../support/vilya.ts";

const SERVER = { host: "127.0.0.1", port: 0, health_path: "/up" };

/** What load balancers hear on the serving port, and operators of the instance. */
async function saidBy(server: VilyaServer): Promise<string> {
  const { code } = await vilya(server, "ready");
  return `${(await outcomeOf(`${server.url}/up`)).slice(0, 3)} ${code === 0 ? "ready" : "not ready"}`;
}

test("A drained instance sends load balancers away and serves whoever comes, its next fronts too, until that is ended", async () => {
  await using server = await startVilya({ config: phpApp({ server: SERVER }) });
  expect(await saidBy(server)).toBe("200 ready");
  expect(await vilya(server, "drain", "--json")).toMatchObject({ code: 0, out: '{"drained":true}\n' });
  await until("the bad news", async () => (await saidBy(server)) === "503 not ready");
  expect(await outcomeOf(`${server.url}/other`)).toStartWith("200 ");
  expect((await vilya(server, "status")).out).toContain("  drained  ");

  server.configure(phpApp({ server: SERVER, workers: { count: 2, timeout: 31 } }));
  expect((await vilya(server, "reload")).code).toBe(0);
  expect(await saidBy(server)).toBe("503 not ready");
  await server.logged("front retired");
  server.signal("SIGKILL", await server.frontPid());
  await until("another front", async () => (await outcomeOf(`${server.url}/other`)).startsWith("200 "));
  expect(await saidBy(server)).toBe("503 not ready");

  expect(await vilya(server, "drain", "--off")).toMatchObject({ code: 0, out: "no longer drained\n" });
  await until("the good news", async () => (await saidBy(server)) === "200 ready");
});
