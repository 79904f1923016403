import type { CompressionConfig } from "./compression-config.ts";
import type { Runtime } from "./options/general-options.ts";
import type { SendfileConfig, StaticConfig } from "./static-config.ts";
import type { UploadsConfig } from "./uploads-config.ts";
import type { WorkerIdentity } from "./worker-identity.ts";

/** One application: what its workers run and how many of them. */
export interface AppConfig {
  readonly name: string;
  /** `stub` answers from the front without any worker, to measure the front alone. */
  readonly runtime: Runtime;
  /** The interpreter or program: a name to look up in PATH, or an absolute path; null is the engine's own runtime, or the Python that is found. */
  readonly binary: string | null;
  /** Arguments between the binary and the entry. */
  readonly binaryArguments: readonly string[];
  /** The script or module that workers run, absolute, or `module:name` of Python; empty where the binary is the program. */
  readonly entry: string;
  /** The workers' working directory, absolute. */
  readonly workingDirectory: string;
  /** Variables added to (and winning over) the environment the workers inherit. */
  readonly environment: Readonly<Record<string, string>>;
  /** PHP settings by name. Values are raw text without control characters: quote them when writing an ini file. */
  readonly ini: Readonly<Record<string, string>>;
  /** Means something for Python apps only. */
  readonly python: PythonConfig;
  /** Files that go before it; null for none. */
  readonly static: StaticConfig | null;
  /** Whose files it may have sent by naming them. */
  readonly sendfile: readonly SendfileConfig[];
  /** Of its answers and files; null for none. */
  readonly compression: CompressionConfig | null;
  readonly uploads: UploadsConfig;
  readonly pool: PoolConfig;
}

/** How a worker serves a Python application. */
export interface PythonConfig {
  readonly interface: "auto" | "asgi" | "asgi2" | "wsgi";
  readonly lifespan: "auto" | "on" | "off";
  /** Of a worker with a WSGI application. */
  readonly threadCount: number;
  /** Empty, or a path without a slash at its end. */
  readonly rootPath: string;
  /** Of the ASGI specification, as applications are told it. */
  readonly specVersion: "2.3" | "2.5";
  /** From the client's leaving to the end of the task. */
  readonly disconnectGraceMs: number;
}

/** Bounds of one worker's process. */
export interface WorkerLimits {
  /** Descriptors. */
  readonly openFileCountMax: number;
  readonly addressSpaceBytesMax: number;
  /** From 0 to 19, the furthest behind others. */
  readonly niceness: number;
}

/** How many workers an app has, how long they live, and what happens when all are busy. */
export interface PoolConfig {
  /** At the start; `workerCountMin <= workerCount <= workerCountMax`. */
  readonly workerCount: number;
  readonly workerCountMin: number;
  readonly workerCountMax: number;
  /** Idle time after which one worker is retired, again and again down to the minimum; 0 = never. */
  readonly scaleDownIdleMs: number;
  /** Idle time after which all workers above the minimum are retired at once; 0 = never. */
  readonly aggressiveScaleDownMs: number;
  /** Requests a worker serves before it is recycled; 0 = no bound. */
  readonly requestsPerWorkerMax: number;
  /** Share (0 to 1) by which each worker's bound is lowered at random, so that a pool does not recycle all at once. */
  readonly requestsPerWorkerJitter: number;
  /** For one request, from its lease on; later is 504 and the worker is retired. */
  readonly requestTimeoutMs: number;
  /** `exec`: each worker boots the app. `fork`: one process boots it, and workers are forked from that one. */
  readonly start: "exec" | "fork";
  /** From spawn to the end of the handshake. */
  readonly startTimeoutMs: number;
  /** How long the app is served on in a stop; null for `ServerConfig.shutdownDelayMs`. */
  readonly shutdownDelayMs: number | null;
  /** What requests in flight have when the workers are on their way out; null for `ServerConfig.graceTimeoutMs`. */
  readonly graceTimeoutMs: number | null;
  /** From SIGTERM to SIGKILL. */
  readonly stopTimeoutMs: number;
  /** `batch`: a worker that wakes up waits its turn. sched(7). */
  readonly scheduling: "batch" | "normal";
  /** What a worker may take of the machine; 0 leaves each as the engine has it. */
  readonly limits: WorkerLimits;
  /** As whom workers run; null for the user of the engine. */
  readonly identity: WorkerIdentity | null;
  /** Resident memory past which a worker is recycled after its request; 0 = no bound. */
  readonly memoryBytesMax: number;
  /** One MessagePack frame, either way, without its length prefix. */
  readonly frameBytesMax: number;
  /** What a worker may send of a streamed response before the client has taken any of it. */
  readonly streamCreditBytes: number;
  /** Between two parts of a streamed response, while the worker may send; later, the response is cut and the worker retired; 0 = no bound. */
  readonly streamIdleTimeoutMs: number;
  /** Whether workers get requests with their heads, and bodies while they arrive, as far as they can. */
  readonly streamsRequests: boolean;
  /** Requests one worker runs at a time at most; what it says of itself may be less. */
  readonly concurrencyMax: number;
  /** How long a worker of several requests at a time may go on with one that has timed out; then it is retired. */
  readonly cancelGraceMs: number;
  /** Between two pings to such a worker while it has requests; 0 = none. */
  readonly pingIntervalMs: number;
  /** How long such a worker may leave a ping unanswered; later, it is ended; 0 = no bound. */
  readonly pingTimeoutMs: number;
  /** Requests written ahead to a busy worker: none, as many as measured service times allow, or exactly so many (1 to 64). */
  readonly prefetch: "off" | "auto" | number;
  readonly overflow: OverflowConfig;
  /** Value of `Retry-After` on a 503, whole seconds. */
  readonly retryAfterS: number;
}

/**
 * What a request meets when every worker is busy; each way out of the queue other than a worker is 503.
 * `backpressure` waits as long as it takes in a short queue (depth 0 = none); `queue_timeout` and `default` wait up to a deadline.
 */
export type OverflowConfig =
  | { readonly strategy: "backpressure"; readonly queueDepthMax: number }
  | {
      readonly strategy: "queue_timeout" | "default";
      readonly queueDepthMax: number;
      readonly queueTimeoutMs: number;
    };
