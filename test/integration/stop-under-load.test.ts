import { expect, test } from "bun:test";

import { phpApp } from "../support/php-app.ts";
import { RawClient } from "../support/raw-client.ts";
import { until } from "../support/until.ts";
import { untilRead } from "../support/until-read.ts";
import { startVilya, type VilyaServer } from "../support/vilya.ts";

const CLIENT_COUNT = 32;
const GET = Buffer.from("GET /other HTTP/1.1\r\nHost: a\r\n\r\n");

interface Tally {
  served: number;
  /** Requests on a connection that had served before, or whose answer had begun, that got no whole answer. */
  lost: number;
  /** Connections that were refused, or reset before the server took them: their client may try elsewhere. */
  refused: number;
}

/** Sends request after request, on one connection for as long as the server keeps it, until the server takes no connection any more. */
async function loadUntilRefused(server: VilyaServer, tally: Tally): Promise<void> {
  for (;;) {
    const client = await RawClient.connect(server.port).catch(() => null);
    if (client === null) {
      tally.refused++;
      return;
    }
    using connected = client;
    for (let isNew = true; !connected.isEnded; isNew = false) {
      connected.received = "";
      connected.sendSome(GET);
      await connected.until(
        "an answer, or the close",
        ({ received, isEnded }) => isEnded || received.includes("served"),
      );
      if (!/^HTTP\/1\.1 200 [^]*served \d+$/.test(connected.received)) {
        if (isNew && connected.received === "") tally.refused++;
        else tally.lost++;
        return;
      }
      tally.served++;
      if (connected.received.includes("Connection: close")) break;
      await untilRead();
    }
  }
}

test("a stop under load loses no request of a client that heeds Connection: close", async () => {
  // `/other` is answered with `served N`; what matters is that every answer is whole.
  await using server = await startVilya({ config: phpApp() });
  const tally: Tally = { served: 0, lost: 0, refused: 0 };
  const clients = Array.from({ length: CLIENT_COUNT }, () => loadUntilRefused(server, tally));
  await until("load", () => tally.served > 500);
  server.signal("SIGTERM");
  await Promise.all(clients);
  expect((await server.stop(null)).exitCode).toBe(0);
  expect(tally).toMatchObject({ lost: 0, refused: CLIENT_COUNT });
});
