import { expect, test } from "bun:test";
import { join } from "node:path";

import { testAuthority } from "../support/certificates.ts";
import { HTTP_TRANSPORTS, HttpServer, type ReceivedRequest } from "../support/http-server.ts";

/** The runtimes whose clients have to get along with us, and how they are called. */
const PEERS = { node: ["node"], bun: [process.execPath] } as const;

const EXPECTED = {
  many: Array.from({ length: 100 }, (_, index) => `GET /?${index} 0`),
  upload: "POST / 3000000",
  download: 3_000_000,
  trailers: "PUT / 13",
  head: [200, 0, "8"],
  cookies: "a=1; b=2",
  withoutTable: "GET /?table 0",
  long: "8000",
  goaway: null,
};

function answer(received: ReceivedRequest): void {
  const { method, target, body, fields } = received;
  const valueOf = (name: string): string => fields.find(([each]) => each === name)?.[1] ?? "";
  if (target === "/large") received.answer("x".repeat(3_000_000));
  else if (target === "/cookie") received.answer(valueOf("cookie"));
  else if (target === "/long") received.answer(String(valueOf("x-long").length));
  else received.answer(`${method} ${target} ${body.length}`);
}

const CASES = HTTP_TRANSPORTS.flatMap((transport) =>
  Object.entries(PEERS).map(([name, command]) => [name, transport, command] as const),
);

test.each(CASES)("the client of %s gets all it asks for over %s", async (_name, transport, command) => {
  using server = new HttpServer({ bodyBytesMax: 10_000_000 }, transport);
  server.respond = answer;
  const origin = `${transport === "tls" ? "https" : "http"}://127.0.0.1:${server.port}`;
  const script = join(import.meta.dir, "http2-peer.mjs");
  const authority = transport === "tls" ? [testAuthority().certificatePem] : [];
  const peer = Bun.spawn([...command, script, origin, ...authority], { stdout: "pipe", stderr: "pipe" });
  const [output, errors] = await Promise.all([peer.stdout.text(), peer.stderr.text()]);
  expect(errors).toBe("");
  expect(JSON.parse(output)).toEqual(EXPECTED);
  expect(server.errors).toEqual([]);
});
