import type { LogFormat, LogLevel } from "../base/log-level.ts";
import type { AccessFormat } from "./access-format.ts";
import type { CompressionConfig } from "./compression-config.ts";
import type { UploadsConfig } from "./uploads-config.ts";
import type { Runtime } from "./general-options.ts";
import type { RouteConfig } from "./route-config.ts";
import type { WorkerIdentity } from "./worker-identity.ts";
import type { SendfileConfig, StaticConfig } from "./static-config.ts";

/**
 * The effective configuration: frozen, every unit resolved (milliseconds, bytes), every default filled in, every path absolute.
 * It holds only JSON values, so the master hands it to the other processes as text. Options are described in `docs/reference/config.md`.
 */
export interface Config {
  /** The file it was read from, absolute; null when everything came from defaults, environment and flags. */
  readonly file: string | null;
  /** Tells instances on one machine apart: in socket paths, process titles and logs. `[A-Za-z0-9][A-Za-z0-9_.-]*`, at most 32 characters. */
  readonly name: string;
  /** Parent of this instance's sockets, absolute; null lets the engine choose. */
  readonly runtimeDirectory: string | null;
  readonly server: ServerConfig;
  /** The short form (`workers`, `php`, `runtime` at the top level) yields one app named `default`, unless routes lead elsewhere only. */
  readonly apps: readonly AppConfig[];
  /** In the order of the file. Empty for the short form: every request is for the only app. */
  readonly routes: readonly RouteConfig[];
  readonly logging: LoggingConfig;
  /** The admin listener; null for none. */
  readonly admin: AdminConfig | null;
  /** Whether pages load again by themselves and show errors with their sources. `vilya dev` alone sets it: no file and no flag does. */
  readonly isDevelopment: boolean;
  /** Null sends no traces. */
  readonly tracing: TracingConfig | null;
}

/** Where the master answers operators and scrapers. */
export interface AdminConfig {
  readonly host: string;
  /** 0 lets the kernel pick one. */
  readonly port: number;
  /** True when it is not the default address: then it has to be free. A default that is taken is no reason not to start. */
  readonly isAddressGiven: boolean;
  /** Absolute; null asks for no token. Read by the master. */
  readonly tokenFile: string | null;
}

/** Where spans of requests are sent. */
export interface TracingConfig {
  /** Of an OTLP collector; without a path it is that of traces. */
  readonly endpoint: string;
  /** Of requests that bring no decision: from 0 to 1. */
  readonly sampleShare: number;
  /** Whether the `traceparent` of requests is believed. */
  readonly isFollowed: boolean;
  /** For the collector; may be credentials. */
  readonly headers: Readonly<Record<string, string>>;
}

/** How the HTTP front listens and what it grants a client. */
export interface ServerConfig {
  /** At least one. The short form (`host`, `port`) yields one that speaks in the clear. */
  readonly listeners: readonly ListenerConfig[];
  /** Networks whose word is taken for whom a request is from; `unix` are peers on Unix sockets. */
  readonly trustedProxies: readonly string[];
  /** Which header fields of theirs are read. */
  readonly forwardedFields: "x-forwarded" | "forwarded";
  /** What a TLS handshake, or a PROXY protocol header, may take. */
  readonly arrivals: ArrivalLimitsConfig;
  /** Connections the kernel completes before the front accepts them. */
  readonly backlog: number;
  /** Open client connections of one front. */
  readonly connectionCountMax: number;
  /** Requests one connection may carry before it is closed in good order; 0 = no bound. */
  readonly requestsPerConnectionMax: number;
  /** What becomes of `%2F` and `%5C` in paths that routes are told by. */
  readonly encodedSlashes: "refuse" | "keep";
  /** The path the front answers itself, without a worker; null = none. */
  readonly healthPath: string | null;
  /** A larger request body is 413. */
  readonly bodyBytesMax: number;
  /** What one request body may hold in memory before it goes to a file. */
  readonly bodyMemoryBytesMax: number;
  /** What all request bodies of one front may hold in memory together; past it new bodies go to files from their first byte. */
  readonly bodyMemoryBytesTotalMax: number;
  /** Where spooled bodies go, absolute; null lets the engine choose. */
  readonly bodyDirectory: string | null;
  readonly limits: HttpLimitsConfig;
  readonly deadlines: HttpDeadlinesConfig;
  readonly http2: Http2Config;
  readonly webSocket: WebSocketConfig;
  /** How long to keep serving, as not ready, before a stop begins. */
  readonly shutdownDelayMs: number;
  /** How long requests in flight may take to finish once a stop began. */
  readonly graceTimeoutMs: number;
}

/** One address to listen on, and what is spoken there. */
export interface ListenerConfig {
  readonly address: ListenAddressConfig;
  /** At least one, and with `h3` another one: what TCP carries, and UDP under the same port number for `h3`. */
  readonly protocols: readonly HttpProtocolName[];
  readonly proxyProtocol: "off" | "on" | "optional";
  /** Where requests in the clear are sent; null serves them. */
  readonly redirectHttpsPort: number | null;
  readonly tls: TlsConfig | null;
}

/** The versions of HTTP as ALPN abbreviates them, HTTP/1.1 and 1.0 as one. */
export type HttpProtocolName = "h1" | "h2" | "h3";

/** A TCP address or a Unix socket. */
export type ListenAddressConfig =
  | {
      /** An IP address (no brackets around IPv6) or a host name. */
      readonly host: string;
      /** 0 lets the kernel pick a free port. */
      readonly port: number;
    }
  | {
      /** Absolute. */
      readonly path: string;
      /** Permission bits. */
      readonly mode: number;
    };

/** What a listener shows and asks for. Files are absolute paths, and read by the master alone. */
export interface TlsConfig {
  /** At least one; the first is for clients that ask for no name that another is for. */
  readonly certificates: readonly TlsCertificateConfig[];
  readonly versionMin: "TLSv1.2" | "TLSv1.3";
  /** OpenSSL's list for TLS 1.2; null takes the runtime's. */
  readonly ciphers: string | null;
  readonly clientCertificates: "off" | "optional" | "required";
  /** Null only where no certificates are asked for. */
  readonly clientAuthorityFile: string | null;
}

/** A certificate and its key by their files, absolute. */
export interface TlsCertificateConfig {
  readonly certificateFile: string;
  readonly keyFile: string;
  /** Empty takes the names in the certificate. */
  readonly hosts: readonly string[];
}

/** Bounds on sockets that are not connections yet. */
export interface ArrivalLimitsConfig {
  readonly deadlineMs: number;
  /** Of one listener. */
  readonly countMax: number;
}

/** Bounds of one HTTP/1.1 message head and of the framing of its body, in bytes unless the name says otherwise. */
export interface HttpLimitsConfig {
  /** Method, target and version without the line end; longer is 414. */
  readonly requestLineBytesMax: number;
  /** One header line without its line end; longer is 431. */
  readonly headerLineBytesMax: number;
  /** Header lines of one request; more is 431. */
  readonly headerCountMax: number;
  /** All header lines of one request with their line ends; more is 431. */
  readonly headerBytesMax: number;
  /** All trailer lines after a chunked body; more is 431. */
  readonly trailerBytesMax: number;
  /** Extensions of all chunks of one body together; more is 400. */
  readonly chunkExtensionBytesMax: number;
}

/** How long a client may take. */
export interface HttpDeadlinesConfig {
  /** From the first byte of a request to the end of its head; later is 408. */
  readonly headMs: number;
  /** From the end of the head to the end of the body; later is 408. */
  readonly bodyMs: number;
  /** Between two requests of one connection; then it is closed. */
  readonly idleMs: number;
  /** Without the client taking a byte of a pending response; then the connection is closed. */
  readonly writeMs: number;
}

/** What one HTTP/2 connection may take. */
export interface Http2Config {
  /** Streams open at once; more are refused and may be tried again. */
  readonly concurrentStreamCountMax: number;
  /** Bytes of one request body that may be under way. */
  readonly streamWindowBytes: number;
  /** Bytes of all request bodies of the connection that may be under way. */
  readonly connectionWindowBytes: number;
  /** Bytes of responses that may wait for the client before further requests wait, too. */
  readonly sendBufferBytes: number;
  /** Streams that end in a reset or a refusal, beyond those that end in an answer. */
  readonly resetCountMax: number;
  /** Frames that move nothing, beyond those that requests and bodies account for. */
  readonly idleFrameCountMax: number;
}

/** What WebSocket clients may take, and how long their sockets live. */
export interface WebSocketConfig {
  /** Of one message with all its fragments, also after it is inflated; more is closed with 1009. */
  readonly messageBytesMax: number;
  /** Of the unfinished messages of all clients of one front; more is closed with 1013. */
  readonly messageMemoryBytesMax: number;
  /** What may wait for one client before it counts as slow. */
  readonly sendBufferBytesMax: number;
  readonly slowClient: "close" | "drop";
  /** Of silence before a ping; 0 = no pings. Less than `idleMs`, unless that is 0. */
  readonly pingIntervalMs: number;
  /** Of silence before the socket is closed; 0 = never. */
  readonly idleMs: number;
  /** From our close frame to the client's. */
  readonly closeMs: number;
  readonly compression: "off" | "stateless" | "context";
  /** Shorter messages are sent uncompressed. */
  readonly compressionBytesMin: number;
  /** 9 to 15. */
  readonly compressionWindowBits: number;
  /** One socket's. */
  readonly topicCountMax: number;
  readonly topicBytesMax: number;
  /** `*`, `same`, `null`, origins, and origins whose host begins with `*.`. At least one. */
  readonly allowedOrigins: readonly string[];
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

/** The engine's own log, and the access logs. */
export interface LoggingConfig {
  readonly level: LogLevel;
  readonly format: LogFormat;
  readonly accessLogs: readonly AccessLogConfig[];
  /** In lower case. */
  readonly maskedQueryNames: readonly string[];
  /** In lower case. */
  readonly maskedHeaderNames: readonly string[];
}

/** One access log, and which requests it has: those that meet all conditions. Empty lists are no condition. */
export interface AccessLogConfig {
  /** Absolute; null is STDOUT. */
  readonly file: string | null;
  readonly format: AccessFormat;
  readonly apps: readonly string[];
  /** Ports in decimal, and absolute paths of Unix sockets. */
  readonly listeners: readonly string[];
  /** Inclusive ranges. */
  readonly statuses: readonly (readonly [min: number, max: number])[];
  /** Exact, or with `*` at the beginning, the end, or both. */
  readonly paths: readonly string[];
  readonly exceptPaths: readonly string[];
  readonly durationMsMin: number;
  /** Of those that meet the conditions, more than 0 and at most 1. */
  readonly sampleShare: number;
  /** What may wait to be written; past it lines are dropped and counted. */
  readonly bufferBytes: number;
}
