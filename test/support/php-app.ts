import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { until } from "./until.ts";
import type { VilyaServer } from "./vilya.ts";

/** The configuration of a server whose workers do what the path says: `by-path.php`. Give it two workers unless the test needs others. */
export function phpApp(config: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> {
  return {
    runtime: "php",
    php: { worker_script: join(import.meta.dir, "workers/by-path.php") },
    workers: { count: 2 },
    ...config,
  };
}

/** A request that a worker is running. */
export interface RunningRequest {
  /** The response, as `status body`, or `failed` when there was none. */
  readonly outcome: Promise<string>;
}

/** A request that keeps its worker busy until it is released. */
export interface HeldRequest extends RunningRequest {
  release(): void;
}

let requestCount = 0;

/** Sends a request that keeps a worker busy for `durationMs`, and returns once that worker has begun. */
export async function startRequest(server: VilyaServer, durationMs: number): Promise<RunningRequest> {
  const file = join(server.directory, `request-${++requestCount}`);
  const outcome = outcomeOf(`${server.url}/append?file=${file}&line=begun&ms=${durationMs}`);
  await until("a worker's begin of the request", () => existsSync(file));
  return { outcome };
}

/** Sends a request that keeps a worker busy until it is released, and returns once that worker has begun. `more` is added to its query. */
export async function holdRequest(server: VilyaServer, more: string = ""): Promise<HeldRequest> {
  const file = join(server.directory, `request-${++requestCount}`);
  const gate = `${file}-go`;
  const outcome = outcomeOf(`${server.url}/append?file=${file}&line=begun&until=${gate}${more}`);
  await until("a worker's begin of the request", () => existsSync(file));
  return { outcome, release: () => writeFileSync(gate, "") };
}

/** `status body` of a GET on a connection of its own, or `failed` when no response came. */
export async function outcomeOf(url: string): Promise<string> {
  try {
    const response = await fetch(url, { headers: { connection: "close" }, keepalive: false });
    return `${response.status} ${await response.text()}`;
  } catch {
    return "failed";
  }
}
