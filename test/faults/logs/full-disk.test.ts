import { expect, test } from "bun:test";
import { join } from "node:path";

import { vilya } from "../../support/command-line.ts";
import { Load } from "../../support/load.ts";
import { phpApp } from "../../support/php-app.ts";
import { BeforeFault } from "../../support/server-state.ts";
import { until } from "../../support/until.ts";
import { startVilya } from "../../support/vilya.ts";

const LAUNCHER = join(import.meta.dir, "../../../bin/vilya");

test("With all logs on a full disk everything is served, operated and stopped as ever, and operators still see the log", async () => {
  // full(4): every write to it fails with ENOSPC.
  const command = ["sh", "-c", 'exec "$0" "$@" 2> /dev/full', LAUNCHER];
  const logging = { format: "json", access: [{ path: "/dev/full", format: "json", buffer: "256KiB" }] };
  await using server = await startVilya({ config: phpApp({ logging }), command });
  const before = await BeforeFault.of(server);
  const load = new Load(server.port, ["keep-alive", "one each", "HTTP/2"]);
  await until("some requests", () => load.tally.served > 500);
  expect((await vilya(server, "reload")).code).toBe(0);
  const { served } = load.tally;
  await until("requests after it", () => load.tally.served > served + 500);
  expect((await load.stop()).lost).toEqual([]);
  await until("the log", async () =>
    (await vilya(server, "logs", "--json")).out.includes('"event":"access log lines dropped"'),
  );
  await before.untilAsBefore();
  expect((await vilya(server, "stop")).code).toBe(0);
  expect((await server.stop(null)).exitCode).toBe(0);
});
