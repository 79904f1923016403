import { join } from "node:path";

import { h2load } from "../lib/h2load.ts";
import { freePort, type Server } from "../lib/server.ts";

/** The runtime's own HTTP/2 server with the stub's answer. It speaks nothing but HTTP/2. */
export async function startNodeHttp2(): Promise<Server> {
  const port = freePort();
  const script = join(import.meta.dir, "../apps/http2/server.ts");
  const child = Bun.spawn([process.execPath, script, String(port)], { stdin: "ignore", stderr: "inherit" });
  const url = `http://127.0.0.1:${port}/`;
  for (let tries = 0; tries < 100; tries++) {
    const isServing = await h2load({ url, connections: 1, streams: 1, seconds: 0 }).then(Boolean, () => false);
    if (isServing) break;
    await Bun.sleep(50);
  }
  return {
    url,
    processId: child.pid,
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await child.exited;
    },
  };
}
