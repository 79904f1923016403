import { readFileSync } from "node:fs";

/** A server under measurement; disposing of it ends its processes. */
export interface Server extends AsyncDisposable {
  readonly url: string;
  /** The process whose memory counts. */
  readonly processId: number;
}

/** Waits until the server answers 200, and returns it. @throws after `timeoutMs`; the server is disposed of then. */
export async function untilServing(server: Server, timeoutMs: number = 15_000): Promise<Server> {
  const { url } = server;
  const endsMs = performance.now() + timeoutMs;
  while (performance.now() < endsMs) {
    const status = await fetch(url).then(
      (response) => response.status,
      () => 0,
    );
    if (status === 200) return server;
    await Bun.sleep(50);
  }
  await server[Symbol.asyncDispose]();
  throw new Error(`Cannot measure ${url}: it does not answer within ${timeoutMs} ms`);
}

/** The children of a process: of a front its workers. */
export function childProcessIds(parentPid: number): number[] {
  const children = readFileSync(`/proc/${parentPid}/task/${parentPid}/children`, "utf8").trim();
  return children === "" ? [] : children.split(" ").map(Number);
}

/** The first child of a process: of a master its front. */
export function childProcessId(parentPid: number): number {
  return childProcessIds(parentPid)[0] ?? 0;
}

/** A TCP port of 127.0.0.1 that is free now. */
export function freePort(): number {
  using probe = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
  return probe.port;
}
