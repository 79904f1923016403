/** The front's HTTP listener with no worker behind it: answers `ok`. Prints its port. */
import { tmpdir } from "node:os";

import { loadConfig } from "../../../src/config/load-config.ts";
import { fixedResponse } from "../../../src/http/fixed-response.ts";
import { HttpListener } from "../../../src/http/http-listener.ts";
import { raiseOpenFileLimit } from "../../../src/kernel/process-control.ts";
import { TimerWheel } from "../../../src/kernel/timer-wheel.ts";
import { openLog } from "../../../src/telemetry/log.ts";

raiseOpenFileLimit();
const { config } = loadConfig({
  file: null,
  overrides: [
    { key: "runtime", text: "stub", flag: "--runtime" },
    { key: "server.max_connections", text: "100000", flag: "--set" },
  ],
});
const answer = fixedResponse(200, { "Content-Type": "text/plain" }, "ok");

const listener = new HttpListener({
  address: { host: "127.0.0.1", port: 0 },
  server: config.server,
  bodyDirectory: tmpdir(),
  dispatch: (exchange) => ({
    onRequest: () => exchange.respond(answer),
    onClientEnd: () => "drop",
    onAbandoned() {},
  }),
  wheel: new TimerWheel(),
  log: openLog({ level: "warn", format: "text" }),
});
process.on("SIGUSR2", () => Bun.gc(true)); // Before memory is read.
console.log(listener.port);
