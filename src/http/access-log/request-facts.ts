import type { Exchange } from "../exchange.ts";
import type { UnreadableRequest } from "../http-context.ts";
import type { LineBuffer } from "./line-buffer.ts";
import type { SecretsMask } from "./secrets-mask.ts";
import { MASKED } from "./secrets-mask.ts";

/** A field that lines have of every request. */
export interface HeaderName {
  readonly lowerCaseName: string;
  /** As `hashName` makes it. */
  readonly hash: number;
}

/**
 * What logs say of a request, as text of one UTF-16 unit an octet, not escaped yet, with what is secret masked. The empty string is what the
 * request does not have.
 */
export interface RequestFacts {
  readonly method: string;
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
  readonly scheme: string;
  readonly requestId: string;
  readonly tlsVersion: string;
  readonly tlsCipher: string;
  readonly tlsServerName: string;
  // What most lines have is written without strings on the way, escaped as the line wants it. Nothing is written of what the request does not have.
  /** Method, target and protocol. */
  writeRequestLine(line: LineBuffer): void;
  writeTarget(line: LineBuffer): void;
  writeHost(line: LineBuffer): void;
  /** Without the port. */
  writeClient(line: LineBuffer): void;
  writeHeader(line: LineBuffer, name: HeaderName): void;
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

  get target(): string {
    const { target } = this.#exchange.head;
    return this.#isTargetHarmless() ? target : this.#mask.url(target);
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
    return hostOf(this.#exchange.remoteAddress.toString("latin1"));
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

  /** In HTTP/1 it stands there as it is logged. */
  writeRequestLine(line: LineBuffer): void {
    const { head, httpMajor } = this.#exchange;
    if (httpMajor === 1 && this.#isTargetHarmless()) {
      line.writeOctets(head.bytes, head.methodStart, head.targetEnd);
    } else {
      line.writeValue(this.method);
      line.writeText(" ");
      this.writeTarget(line);
    }
    line.writeText(" ");
    line.writeText(this.protocol);
  }

  writeTarget(line: LineBuffer): void {
    const { head } = this.#exchange;
    if (this.#isTargetHarmless()) line.writeOctets(head.bytes, head.targetStart, head.targetEnd);
    else line.writeValue(this.#mask.url(head.target));
  }

  writeHost(line: LineBuffer): void {
    const { bytes, authorityStart, authorityEnd } = this.#exchange.head;
    line.writeOctets(bytes, authorityStart, authorityEnd);
  }

  writeClient(line: LineBuffer): void {
    const { remoteAddress } = this.#exchange;
    // Most are `192.0.2.1:4711`.
    let end = remoteAddress.length - 1;
    while (end > 0 && isDigit(remoteAddress[end]!)) end--;
    const hasPort = remoteAddress[end] === COLON && end < remoteAddress.length - 1;
    if (hasPort && remoteAddress[0] !== BRACKET) line.writeOctets(remoteAddress, 0, end);
    else line.writeValue(this.client);
  }

  writeHeader(line: LineBuffer, { lowerCaseName, hash }: HeaderName): void {
    const { fields } = this.#exchange.head;
    const index = fields.findHashed(lowerCaseName, hash, 0);
    if (index === -1) return;
    if (this.#mask.hasHeader(lowerCaseName)) line.writeText(MASKED);
    // The page that somebody came from may have had a token in its address.
    else if (isReferer(lowerCaseName)) line.writeValue(this.#mask.url(fields.value(index)));
    else line.writeOctets(fields.bytes, fields.valueStart(index), fields.valueEnd(index));
  }

  /** True of a target in origin form with nothing in its query that is masked. */
  #isTargetHarmless(): boolean {
    const { head } = this.#exchange;
    if (head.bytes[head.targetStart] !== SLASH) return false;
    return head.queryStart === head.queryEnd || !this.#mask.mayHideIn(head.query);
  }
}

/** What there is to say of a request that could not be read. */
export class UnreadableFacts implements RequestFacts {
  readonly method = "";
  readonly target = "";
  readonly path = "";
  readonly query = "";
  readonly protocol = "";
  readonly client: string;
  readonly clientPort: string;
  readonly serverAddress = "";
  readonly serverPort = "";
  readonly scheme = "";
  readonly requestId = "";
  readonly tlsVersion = "";
  readonly tlsCipher = "";
  readonly tlsServerName = "";

  constructor({ client }: UnreadableRequest) {
    this.client = hostOf(client);
    this.clientPort = portOf(client);
  }

  writeClient(line: LineBuffer): void {
    line.writeValue(this.client);
  }

  writeRequestLine(): void {}
  writeTarget(): void {}
  writeHost(): void {}
  writeHeader(): void {}
}

const SLASH = 0x2f;
const COLON = 0x3a;
const BRACKET = 0x5b;

function isDigit(octet: number): boolean {
  return octet >= 0x30 && octet <= 0x39;
}

function isReferer(lowerCaseName: string): boolean {
  return lowerCaseName === "referer" || lowerCaseName === "referrer";
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
