/**
 * Runs h2spec, a conformance suite for HTTP/2 in Go, against an instance with TLS, and exits as it does. `npm test -- --only h2spec` calls it.
 *
 *     bun test/conformance/h2spec.ts PATH_OF_H2SPEC REPORT
 */
import { testAuthority } from "../support/certificates.ts";
import { startVilya } from "../support/vilya.ts";

const [program = "h2spec", report = ""] = process.argv.slice(2);
const { certificatePem, keyPem } = testAuthority().issue({ names: ["127.0.0.1"] });
const tls = { certificates: [{ cert: "a.crt", key: "a.key" }] };
const listener = { host: "127.0.0.1", port: 0, protocols: ["h2"], tls };

await using server = await startVilya({
  config: { server: { listeners: [listener] } },
  files: { "a.crt": certificatePem, "a.key": keyPem },
});
const command = [
  program,
  "-h",
  "127.0.0.1",
  "-p",
  String(server.port),
  "-t",
  "-k",
  "--strict",
  "-o",
  "20",
  "-j",
  report,
];
const h2spec = Bun.spawn(command, { stdio: ["ignore", "inherit", "inherit"] });
process.exitCode = await h2spec.exited;
