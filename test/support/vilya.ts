import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { childrenOf, commandLine, descriptorCount, isRunning, processEntry, processesMarked } from "./process-table.ts";
import { until } from "./until.ts";

const REPOSITORY = join(import.meta.dir, "../..");

/** Marks every process of one server through its environment, which children inherit. */
const MARK = "TEST_SERVER_MARK";

/** What a test asks of a server; everything has a default that suits most. */
export interface VilyaOptions {
  /** Sections and keys as in `vilya.yaml`; they win over the defaults of {@link startVilya}. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** Default: `serve`. */
  readonly subcommand?: "serve" | "dev" | "run";
  /** After the subcommand. */
  readonly args?: readonly string[];
  /** Added to an environment without any `VILYA_*` and `NARYA_*`. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Lets other users into its directory, as far as they know what is there. */
  readonly isOpen?: boolean;
  /** Written into the server's directory before it starts, by relative path. */
  readonly files?: Readonly<Record<string, string>>;
  /** Default: the launcher of this checkout. */
  readonly command?: readonly string[];
  /** Events that this test provokes. Any other line of level `error` fails the test when the server is disposed of. */
  readonly expectedErrors?: readonly string[];
  /** Descriptors of this process that the server gets, numbered from 3 on. */
  readonly inherits?: readonly number[];
  /** Makes the master the leader of a process group, as a shell does for a command in the foreground. */
  readonly ownProcessGroup?: boolean;
  /** What to wait for. Default: `serving`. With `exit` the start is expected to fail. */
  readonly waitFor?: "serving" | "listening" | "exit";
}

/** A line of the engine's log. */
export interface LogEntry {
  readonly level: string;
  readonly event: string;
  readonly [field: string]: unknown;
}

/** How a server ended, and what it printed. */
export interface VilyaExit {
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * A running `vilya serve` with its own directory. On disposal it is stopped as a service manager would, and leaves nothing behind: no
 * process, no runtime directory, no `error` in its log that the test did not announce.
 */
export class VilyaServer implements AsyncDisposable {
  /** Its working directory: configuration, scripts, and below `run/` its runtime directory. */
  readonly directory: string;
  readonly log: LogEntry[] = [];
  readonly #mark: string;
  readonly #options: VilyaOptions;
  readonly #process: Bun.Subprocess<"ignore", "pipe", "pipe">;
  readonly #outputs: Promise<readonly [stdout: string, stderr: string]>;
  #stdout = "";
  #stderr = "";
  #forgivesRuntimeDirectory = false;

  constructor(options: VilyaOptions) {
    this.#options = options;
    this.directory = mkdtempSync(join(tmpdir(), "vt-"));
    if (options.isOpen === true) chmodSync(this.directory, 0o711);
    this.#mark = Bun.randomUUIDv7();
    for (const [name, text] of Object.entries({ ...options.files, "vilya.yaml": renderConfig(options.config) })) {
      mkdirSync(dirname(join(this.directory, name)), { recursive: true });
      writeFileSync(join(this.directory, name), text);
    }
    const command = options.command ?? [join(REPOSITORY, "bin/vilya")];
    this.#process = Bun.spawn([...command, options.subcommand ?? "serve", ...(options.args ?? [])], {
      cwd: this.directory,
      env: { ...foreignEnvironment(), [MARK]: this.#mark, ...options.environment },
      stdio: ["ignore", "pipe", "pipe", ...(options.inherits ?? [])],
      detached: options.ownProcessGroup ?? false,
    });
    this.#outputs = Promise.all([this.#read(this.#process.stdout, "out"), this.#read(this.#process.stderr, "err")]);
  }

  /** The master's. */
  get pid(): number {
    return this.#process.pid;
  }

  /** Where it serves, without a slash at the end: `http://127.0.0.1:40123`. Of several listeners the first. */
  get url(): string {
    const [url] = this.urls;
    if (url === undefined)
      throw new Error(`Cannot name the server's address: it has not printed one\n${this.describe()}`);
    return url;
  }

  /** Where it serves, in the order of its listeners; Unix sockets are left out. */
  get urls(): readonly string[] {
    const [line = ""] = this.#stdout.split("\n", 1);
    return line.match(/\bhttps?:\/\/[^\s/,]+/g) ?? [];
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  /** What has been printed on STDOUT so far. */
  get stdout(): string {
    return this.#stdout;
  }

  get exited(): Promise<number> {
    return this.#process.exited;
  }

  /** Its runtime directory, below which its sockets are. */
  get runtimeDirectory(): string | null {
    const parent = join(this.directory, "run");
    const names = existsSync(parent) ? readdirSync(parent) : [];
    const name = names.find((each) => each.startsWith("vilya-"));
    return name === undefined ? null : join(parent, name);
  }

  /** Waits for the front that runs now, and is not `previous`. */
  frontPid(previous?: number): Promise<number> {
    return until("a front", () => {
      const front = childrenOf(this.pid).find(
        (entry) => entry.state !== "Z" && commandLine(entry.pid).includes("__front"),
      );
      return front !== undefined && front.pid !== previous ? front.pid : null;
    });
  }

  /** Waits for so many fronts; in the order of their start. */
  frontPids(count: number): Promise<readonly number[]> {
    return until(`${count} fronts`, () => {
      const fronts = childrenOf(this.pid).filter(
        ({ pid, state }) => state !== "Z" && commandLine(pid).includes("__front"),
      );
      return fronts.length === count && fronts.map(({ pid }) => pid).toSorted((a, b) => a - b);
    });
  }

  /** The workers of the front that runs now, oldest first; those that are starting among them. */
  async workerPids(): Promise<readonly number[]> {
    const workers = childrenOf(await this.frontPid()).filter((entry) => entry.state !== "Z");
    return workers.map((entry) => entry.pid);
  }

  /** Every process of this server, wherever it was reparented to. Zombies have no environment left: see {@link zombies}. */
  processes(): readonly number[] {
    return processesMarked(MARK, this.#mark);
  }

  /** Children of the master that have ended and that it has not reaped yet: a kernel tells it of them when it likes, so wait for none. */
  zombies(): readonly number[] {
    return childrenOf(this.pid)
      .filter((entry) => entry.state === "Z")
      .map((entry) => entry.pid);
  }

  /** Open descriptors of the master. */
  descriptorCount(): number {
    return descriptorCount(this.pid);
  }

  /** Writes another configuration, as it was given to {@link startVilya}, for the next reload. */
  configure(config: Readonly<Record<string, unknown>>): void {
    writeFileSync(join(this.directory, "vilya.yaml"), renderConfig(config));
  }

  signal(signal: NodeJS.Signals, pid: number = this.pid): void {
    process.kill(pid, signal);
  }

  /** Waits for a line of the log; `count` lines when it has to be more than one. */
  async logged(event: string, count = 1): Promise<LogEntry> {
    try {
      return await until(`log event "${event}"`, () => this.log.filter((entry) => entry.event === event)[count - 1]);
    } catch (error) {
      throw new Error(`${(error as Error).message}\n${this.describe()}`, { cause: error });
    }
  }

  /** Sends `signal` unless it is null, and waits for the end. */
  async stop(signal: NodeJS.Signals | null = "SIGTERM"): Promise<VilyaExit> {
    if (signal !== null && isRunning(this.pid)) this.signal(signal);
    const exited = await until(
      "the master's exit",
      () => processEntry(this.pid) === null || this.#process.exitCode !== null,
    ).then(
      () => true,
      () => false,
    );
    if (!exited) throw new Error(`Cannot stop the server: it does not exit\n${this.describe()}`);
    await this.#process.exited;
    await until("the end of all its processes", () => this.processes().length === 0);
    const [stdout, stderr] = await this.#outputs;
    return { exitCode: this.#process.exitCode, signal: this.#process.signalCode?.toString() ?? null, stdout, stderr };
  }

  /** For a test that kills the master with -9: its runtime directory is swept by the next instance, not by itself. */
  leavesRuntimeDirectory(): void {
    this.#forgivesRuntimeDirectory = true;
  }

  /** What a failing test wants to read. */
  describe(): string {
    return `--- stdout\n${this.#stdout}\n--- stderr\n${this.#stderr}\n--- processes ${this.processes().join(" ")}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.stop();
      this.#assertClean();
    } finally {
      for (const pid of this.processes()) process.kill(pid, "SIGKILL");
      rmSync(this.directory, { recursive: true, force: true });
    }
  }

  #assertClean(): void {
    const expected = new Set(this.#options.expectedErrors);
    const errors = this.log.filter((entry) => entry.level === "error" && !expected.has(entry.event));
    if (errors.length > 0) throw new Error(`The server logged errors: ${JSON.stringify(errors)}\n${this.describe()}`);
    if (!this.#forgivesRuntimeDirectory && this.runtimeDirectory !== null) {
      throw new Error(`The server left ${this.runtimeDirectory}\n${this.describe()}`);
    }
  }

  async #read(stream: ReadableStream<Uint8Array>, name: "out" | "err"): Promise<string> {
    const decoder = new TextDecoder();
    let line = "";
    for await (const bytes of stream) {
      const text = decoder.decode(bytes, { stream: true });
      if (name === "out") {
        this.#stdout += text;
        continue;
      }
      this.#stderr += text;
      const lines = (line + text).split("\n");
      line = lines.pop() ?? "";
      for (const each of lines) this.#take(each);
    }
    return name === "out" ? this.#stdout : this.#stderr;
  }

  /** What is not a line of the log (a crash report, an error before the log is open) stays in STDERR. */
  #take(line: string): void {
    if (!line.startsWith("{")) return;
    try {
      this.log.push(JSON.parse(line) as LogEntry);
    } catch {
      // Half a line of a process that was killed.
    }
  }
}

/** Several frameworks that are imported at once take seconds on a quiet machine. */
const START_MS = 60_000;

/**
 * Starts `vilya serve` on a free port of the loopback, one app that answers without workers unless `config` says otherwise, log in JSON:
 * `await using server = await startVilya({ config: { runtime: "stub" } })`.
 */
export async function startVilya(options: VilyaOptions = {}): Promise<VilyaServer> {
  const server = new VilyaServer(options);
  const waitFor = options.waitFor ?? "serving";
  if (waitFor === "exit") return server;
  const line = waitFor === "serving" ? / serving https?[:+]/ : / https?[:+]/;
  try {
    await until(
      "the start",
      () => {
        if (line.test(server.stdout)) return true;
        if (processEntry(server.pid)?.state === undefined) throw new Error("The server exited");
        return false;
      },
      START_MS,
    );
  } catch (error) {
    const description = server.describe();
    await server[Symbol.asyncDispose]().catch(() => {});
    throw new Error(`${(error as Error).message}\n${description}`, { cause: error });
  }
  return server;
}

function renderConfig(config: Readonly<Record<string, unknown>> = {}): string {
  const defaults: Readonly<Record<string, unknown>> = {
    ...(!("apps" in config) && { runtime: "stub" }),
    name: "test",
    runtime_dir: "run",
    server: { host: "127.0.0.1", port: 0 },
    logging: { format: "json" },
    admin: { port: 0 },
  };
  const merged = Object.fromEntries(
    Object.entries({ ...defaults, ...config }).map(([key, value]) => {
      const standard = defaults[key];
      // A list of listeners takes the place of host and port.
      const isSection =
        typeof standard === "object" && typeof value === "object" && value !== null && !("listeners" in value);
      return [key, isSection ? { ...standard, ...value } : value];
    }),
  );
  return JSON.stringify(merged, null, 2); // JSON is YAML.
}

function foreignEnvironment(): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(?:VILYA|NARYA)_/.test(name)));
}
