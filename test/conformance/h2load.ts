/**
 * Loads an instance with h2load (Debian: nghttp2-client), and exits with 0 when every request got its answer: HTTP/2 with bodies and without,
 * and HTTP/1.1, over TLS and in the clear. `npm test -- --only h2load` calls it.
 *
 *     bun test/conformance/h2load.ts
 */
import { join } from "node:path";

import { testAuthority } from "../support/certificates.ts";
import { phpApp } from "../support/php-app.ts";
import { startVilya } from "../support/vilya.ts";

const LISTENER = { host: "127.0.0.1", port: 0, protocols: ["h1", "h2"] };
const SHOW_REQUEST = join(import.meta.dir, "../support/workers/show-request.php");
const REQUEST_COUNT = 2_000;
const ALL_SERVED = [
  `requests: ${REQUEST_COUNT} total, ${REQUEST_COUNT} started, ${REQUEST_COUNT} done, ${REQUEST_COUNT} succeeded, 0 failed, 0 errored, 0 timeout\n`,
  `status codes: ${REQUEST_COUNT} 2xx, 0 3xx, 0 4xx, 0 5xx\n`,
];

const { certificatePem, keyPem } = testAuthority().issue({ names: ["127.0.0.1"] });
const listeners = [{ ...LISTENER, tls: { certificates: [{ cert: "a.crt", key: "a.key" }] } }, LISTENER];
const config = phpApp({ server: { listeners }, php: { worker_script: SHOW_REQUEST } });
const files = { "a.crt": certificatePem, "a.key": keyPem, upload: "x".repeat(20_000) };
await using server = await startVilya({ config, files });
const upload = ["-d", join(server.directory, "upload")];

for (const url of server.urls) {
  const http2 = `Application protocol: ${url.startsWith("https:") ? "h2" : "h2c"}\n`;
  await load(url, ["-c4", "-m32"], http2);
  await load(url, ["-c4", "-m32", ...upload], http2);
  await load(url, ["-c16", "--h1"], "Application protocol: http/1.1\n");
}

/** Complains where what h2load says is not what it should say. */
async function load(url: string, options: readonly string[], protocol: string): Promise<void> {
  const command = ["h2load", "-t1", ...options, `-n${REQUEST_COUNT}`, `${url}/`];
  const run = Bun.spawn(command, { stdout: "pipe", stderr: "inherit" });
  const [output, exitCode] = await Promise.all([run.stdout.text(), run.exited]);
  const missing = [protocol, ...ALL_SERVED].filter((line) => !output.includes(line));
  if (exitCode === 0 && missing.length === 0) return;
  process.stderr.write(`${command.join(" ")}\n${output}This was to be there:\n${missing.join("")}`);
  process.exitCode = 1;
}
