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
