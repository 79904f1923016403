import type { Exchange } from "../exchange.ts";
import type { UnreadableRequest } from "../http-context.ts";
import type { SecretsMask } from "./secrets-mask.ts";
import { MASKED } from "./secrets-mask.ts";

/**
 * What logs say of a request, as text of one UTF-16 unit an octet, not escaped yet, with what is secret masked. The empty string is what the
 * request does not have.
 */
export interface RequestFacts {
  readonly method: string;
  /** Method, target and protocol. */
  readonly requestLine: string;
  readonly target: string;
  readonly path: string;
  readonly query: string;
  readonly protocol: string;
  /** Without the port. */
  readonly client: string;
  readonly clientPort: string;
  /** Where the client has reached us, without the port; the path of a Unix socket. */
  readonly serverAddress: string;
  readonly serverPort: string;
  readonly host: string;
  readonly scheme: string;
  readonly requestId: string;
  readonly tlsVersion: string;
  readonly tlsCipher: string;
  readonly tlsServerName: string;
  header(lowerCaseName: string): string;
}

/** The facts of an exchange whose head is valid. Each is worked out when it is asked for. */
export class ExchangeFacts implements RequestFacts {
  readonly #exchange: Exchange;
  readonly #mask: SecretsMask;

  constructor(exchange: Exchange, mask: SecretsMask) {
    this.#exchange = exchange;
    this.#mask = mask;
  }

  get method(): string {
    const { head } = this.#exchange;
    return head.isMethod("GET") ? "GET" : head.method;
  }

  /** In HTTP/1 it stands there as it is logged. */
  get requestLine(): string {
    const { head, httpMajor } = this.#exchange;
    const isAsReceived = httpMajor === 1 && head.queryStart === head.queryEnd && head.bytes[head.targetStart] === SLASH;
    if (!isAsReceived) return `${this.method} ${this.target} ${this.protocol}`;
    return `${head.bytes.toString("latin1", head.methodStart, head.targetEnd)} ${this.protocol}`;
  }

  get target(): string {
    const { head } = this.#exchange;
    return head.queryStart === head.queryEnd && head.bytes[head.targetStart] === SLASH
      ? head.target
      : this.#mask.url(head.target);
  }

  get path(): string {
    return this.#exchange.head.path;
  }

  get query(): string {
    const { head } = this.#exchange;
    return head.queryStart === head.queryEnd ? "" : this.#mask.query(head.query);
  }

  get protocol(): string {
    const { httpMajor, head } = this.#exchange;
    if (httpMajor === 1) return head.versionMinor === 1 ? "HTTP/1.1" : "HTTP/1.0";
    return httpMajor === 2 ? "HTTP/2.0" : "HTTP/3.0";
  }

  get client(): string {
    return clientOf(this.#exchange.remoteAddress);
  }

  get clientPort(): string {
    return portOf(this.#exchange.remoteAddress.toString("latin1"));
  }

  get serverAddress(): string {
    return hostOf(this.#exchange.serverAddress.toString("latin1"));
  }

  get serverPort(): string {
    return portOf(this.#exchange.serverAddress.toString("latin1"));
  }

  get host(): string {
    return this.#exchange.head.authority;
  }

  get scheme(): string {
    return this.#exchange.scheme;
  }

  get requestId(): string {
    return this.#exchange.requestId;
  }

  get tlsVersion(): string {
    return this.#exchange.tls?.version ?? "";
  }

  get tlsCipher(): string {
    return this.#exchange.tls?.cipher ?? "";
  }

  get tlsServerName(): string {
    return this.#exchange.tls?.serverName ?? "";
  }

  header(lowerCaseName: string): string {
    const value = this.#exchange.head.fields.get(lowerCaseName);
    if (value === null) return "";
    if (this.#mask.hasHeader(lowerCaseName)) return MASKED;
    // The page that somebody came from may have had a token in its address.
    return lowerCaseName === "referer" || lowerCaseName === "referrer" ? this.#mask.url(value) : value;
  }
}

/** What there is to say of a request that could not be read. */
export class UnreadableFacts implements RequestFacts {
  readonly method = "";
  readonly requestLine = "";
  readonly target = "";
  readonly path = "";
  readonly query = "";
  readonly protocol = "";
  readonly client: string;
  readonly clientPort: string;
  readonly serverAddress = "";
  readonly serverPort = "";
  readonly host = "";
  readonly scheme = "";
  readonly requestId = "";
  readonly tlsVersion = "";
  readonly tlsCipher = "";
  readonly tlsServerName = "";

  constructor({ client }: UnreadableRequest) {
    this.client = hostOf(client);
    this.clientPort = portOf(client);
  }

  header(): string {
    return "";
  }
}

const SLASH = 0x2f;

/** A connection has one address object for all of its requests. */
const clients = new WeakMap<Buffer, string>();

function clientOf(remoteAddress: Buffer): string {
  let client = clients.get(remoteAddress);
  if (client === undefined) {
    client = hostOf(remoteAddress.toString("latin1"));
    clients.set(remoteAddress, client);
  }
  return client;
}

/** Empty for what has none. */
function portOf(address: string): string {
  return /:(\d+)$/.exec(address)?.[1] ?? "";
}

/** `192.0.2.1` of `192.0.2.1:4711`, `2001:db8::1` of `[2001:db8::1]:4711`; `unix:`, and the path of a Unix socket, have no port. */
function hostOf(address: string): string {
  const end = address.lastIndexOf(":");
  if (address.startsWith("[")) return address.slice(1, end - 1);
  return end === -1 || end === address.length - 1 ? address : address.slice(0, end);
}
