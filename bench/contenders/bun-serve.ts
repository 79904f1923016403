import { join } from "node:path";

import { type Server, untilServing } from "../lib/server.ts";

const SCRIPT = join(import.meta.dir, "../apps/typescript/bun-serve.ts");

/** The TypeScript app on the runtime's own server: one process, nothing before it. */
export async function startBunServe(): Promise<Server> {
  const child = Bun.spawn([process.execPath, SCRIPT], { stdout: "pipe", stderr: "inherit" });
  const { value } = await child.stdout.getReader().read();
  const port = Number(new TextDecoder().decode(value));
  return untilServing({
    url: `http://127.0.0.1:${port}/`,
    processId: child.pid,
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await child.exited;
    },
  });
}
