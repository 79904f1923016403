import { join } from "node:path";

import type { VilyaServer } from "./vilya.ts";

const LAUNCHER = join(import.meta.dir, "../../bin/vilya");

/** What a command printed and returned. */
export interface CommandRun {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a command of the command line on a running server, which it finds by the server's runtime directory. */
export async function vilya(server: VilyaServer, ...args: readonly string[]): Promise<CommandRun> {
  const run = Bun.spawn([LAUNCHER, ...args, "--runtime-dir", join(server.directory, "run")], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [out, err] = await Promise.all([new Response(run.stdout).text(), new Response(run.stderr).text()]);
  return { code: await run.exited, out, err };
}
