import { existsSync, lstatSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { InstanceReport } from "../../admin/front-report.ts";
import type { ReloadReport } from "../../admin/reload-report.ts";
import type { UpgradeReport } from "../../admin/upgrade-report.ts";
import { VilyaError } from "../../base/errors.ts";
import { askSocket, readSocketLines } from "../../kernel/ask-socket.ts";
import type { PoolSize } from "../../workers/scaling/scaler.ts";
import { CONTROL_SOCKET_NAME } from "./admin-server.ts";
import { SYSTEM_PARENT } from "./runtime-parent.ts";

/** How long an instance may take to answer: a hung front keeps it waiting for 2 s. */
const ANSWER_TIMEOUT_MS = 5_000;

/** How long a reload is waited for; it goes on after that. */
const RELOAD_TIMEOUT_MS = 240_000;

/** No instance answers, or several do and nothing says which is meant. */
export class InstanceNotFoundError extends VilyaError {
  override readonly code = "VILYA_INSTANCE_NOT_FOUND";
  readonly hint: string;

  constructor(message: string, hint: string) {
    super(message);
    this.hint = hint;
  }
}

/** It answered that it does not do what it was asked. */
export class InstanceRefusedError extends VilyaError {
  override readonly code = "VILYA_INSTANCE_REFUSED";
}

/** Which instance is meant. */
export interface InstanceQuery {
  /** Its name; null for any. */
  readonly name: string | null;
  /** Its configuration file, absolute; null for any. */
  readonly configFile: string | null;
  /** Where its directory may be besides the usual places; null for none. */
  readonly runtimeParent: string | null;
  readonly session: string | undefined;
}

/** A running instance, by its control socket. */
export class RunningInstance {
  readonly #socketPath: string;

  constructor(socketPath: string) {
    this.#socketPath = socketPath;
  }

  async report(): Promise<InstanceReport> {
    return (await this.#ask("GET", "/v1/status")) as InstanceReport;
  }

  async drain(isDrained: boolean): Promise<void> {
    await this.#ask("POST", "/v1/drain", { drained: isDrained });
  }

  async recycle(app: string | null): Promise<void> {
    await this.#ask("POST", "/v1/recycle", { app });
  }

  /** Waits for new workers, up to `RELOAD_TIMEOUT_MS`; what is refused is told, not thrown. */
  async reload(app: string | null): Promise<ReloadReport> {
    const { status, answer } = await this.#exchange("POST", "/v1/reload", { app }, RELOAD_TIMEOUT_MS);
    return (status === 409 ? answer : acceptable(status, answer)) as ReloadReport;
  }

  /** Waits as `reload` does. */
  async upgrade(): Promise<UpgradeReport> {
    const { status, answer } = await this.#exchange("POST", "/v1/upgrade", undefined, RELOAD_TIMEOUT_MS);
    return (status === 409 ? answer : acceptable(status, answer)) as UpgradeReport;
  }

  async scale(app: string, workers: number): Promise<PoolSize> {
    return (await this.#ask("POST", "/v1/scale", { app, workers })) as PoolSize;
  }

  async stop(isNow: boolean): Promise<void> {
    await this.#ask("POST", "/v1/stop", { now: isNow });
  }

  async setLogLevel(level: string): Promise<void> {
    await this.#ask("POST", "/v1/log-level", { level });
  }

  /** Tells `onLine` the last `lineCount` lines of the log, each a JSON object, and with `isFollowed` further ones until the instance is gone or it says false. */
  async readLog({
    lineCount,
    isFollowed,
    onLine,
  }: {
    readonly lineCount: number;
    readonly isFollowed: boolean;
    readonly onLine: (line: string) => boolean;
  }): Promise<void> {
    await readSocketLines(this.#socketPath, `/v1/logs?lines=${lineCount}&follow=${isFollowed}`, onLine);
  }

  async #ask(method: "GET" | "POST", path: string, body?: unknown): Promise<unknown> {
    const { status, answer } = await this.#exchange(method, path, body, ANSWER_TIMEOUT_MS);
    return acceptable(status, answer);
  }

  async #exchange(method: "GET" | "POST", path: string, body: unknown, timeoutMs: number): Promise<InstanceAnswer> {
    const { status, text } = await askSocket(this.#socketPath, { method, path, body, timeoutMs });
    return { status, answer: JSON.parse(text) };
  }
}

interface InstanceAnswer {
  readonly status: number;
  readonly answer: unknown;
}

/** @throws {InstanceRefusedError} */
function acceptable(status: number, answer: unknown): unknown {
  if (status < 400) return answer;
  const { error = status } = answer as { readonly error?: string };
  throw new InstanceRefusedError(`Cannot ask the instance: ${error}`);
}

/**
 * Finds the instance of this user that is meant. Sockets whose master is gone are passed over.
 *
 * @throws {InstanceNotFoundError}
 */
export async function findInstance(query: InstanceQuery): Promise<RunningInstance> {
  const found: { readonly instance: RunningInstance; readonly report: InstanceReport }[] = [];
  for (const path of controlSockets(query)) {
    const instance = new RunningInstance(path);
    const report = await instance.report().catch(() => null);
    if (report !== null && isMeant(report, query)) found.push({ instance, report });
  }
  // One that has handed over to another one answers until it has finished what it had.
  const serving = found.filter(({ report }) => !report.isStopping);
  const [first, second] = serving.length > 0 ? serving : found;
  if (first === undefined) {
    throw new InstanceNotFoundError(
      "Cannot find a running instance: none of this user answers, one started by `vilya serve` is needed",
      "try: --config FILE or --name NAME as it was started with, or the user it runs as",
    );
  }
  if (second === undefined) return first.instance;
  const names = found.map(({ report }) => `${report.name} (${report.configFile ?? `process ${report.masterPid}`})`);
  throw new InstanceNotFoundError(
    `Cannot choose an instance: ${names.join(", ")} run, one of them is allowed`,
    "try: --name NAME or --config FILE",
  );
}

function isMeant({ name, configFile }: InstanceReport, query: InstanceQuery): boolean {
  return (query.name ?? name) === name && (query.configFile ?? configFile) === configFile;
}

function controlSockets({ runtimeParent, session }: InstanceQuery): readonly string[] {
  const parents = runtimeParent === null ? [session ?? "", SYSTEM_PARENT, tmpdir()] : [runtimeParent];
  return [...new Set(parents)].filter((parent) => parent !== "" && existsSync(parent)).flatMap(socketsIn);
}

function socketsIn(parent: string): readonly string[] {
  return listNames(parent)
    .filter((name) => name.startsWith("vilya-"))
    .map((name) => join(parent, name))
    .filter((path) => isOurs(path))
    .map((path) => join(path, CONTROL_SOCKET_NAME))
    .filter((path) => existsSync(path));
}

function listNames(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

/** Another user's socket would be told our orders, and could tell us anything. Root leads everybody's. */
function isOurs(path: string): boolean {
  const user = process.getuid!();
  try {
    return user === 0 || lstatSync(path).uid === user;
  } catch {
    return false;
  }
}
