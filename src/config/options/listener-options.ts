import { networkListType, protocolListType, serverNameListType, unixModeType } from "../types/listener-types.ts";
import type { HttpProtocolName } from "../server-config.ts";
import type { Option, OptionList } from "./option.ts";
import { choice, either, integer, text } from "../types/option-type.ts";
import { hostType } from "../types/server-types.ts";

const FILE = "the path of a PEM file";

/** A field of a list's item: only the file gives it, so it has neither flag nor variable. */
type Field<Value> = Omit<Option<Value>, "replaces" | "kind">;

function field<Value>(option: Field<Value>): Option<Value> {
  return { kind: "value", replaces: "front", ...option };
}

/** What stands in an item of `tls.certificates`. */
export interface CertificateFields {
  readonly certificate: Option<string | null>;
  readonly key: Option<string | null>;
  readonly hosts: Option<readonly string[]>;
}

export const certificateFields: CertificateFields = {
  certificate: field<string | null>({
    key: "cert",
    type: text({ allowed: FILE }),
    default: null,
    defaultRule: "none, it has to be given",
    summary:
      "The certificate, followed by those that lead to its authority, PEM. Relative paths start at the current directory.",
  }),
  key: field<string | null>({
    key: "key",
    type: text({ allowed: FILE }),
    default: null,
    defaultRule: "none, it has to be given",
    summary: "Its private key, PEM without a passphrase. Only the master reads it.",
  }),
  hosts: field<readonly string[]>({
    key: "hosts",
    type: serverNameListType,
    default: [],
    summary:
      "The names it is shown for when a client asks for one of them (SNI): exact ones before `*.example.org`, which stands for one label. Empty takes the names in the certificate.",
  }),
};

/** What stands in an item of `server.listeners`. */
export interface ListenerFields {
  readonly host: Option<string>;
  readonly port: Option<number | null>;
  readonly path: Option<string | null>;
  readonly mode: Option<number>;
  readonly protocols: Option<readonly HttpProtocolName[]>;
  readonly proxyProtocol: Option<"off" | "on" | "optional">;
  readonly redirectHttps: Option<"false" | "true" | number>;
  readonly certificates: OptionList;
  readonly clientCertificates: Option<"off" | "optional" | "required">;
  readonly clientAuthority: Option<string | null>;
  readonly versionMin: Option<"1.2" | "1.3">;
  readonly ciphers: Option<string | null>;
}

export const listenerFields: ListenerFields = {
  host: field<string>({
    key: "host",
    type: hostType,
    default: "0.0.0.0",
    summary: "As `server.host`.",
  }),
  port: field<number | null>({
    key: "port",
    type: integer({ min: 0, max: 65_535 }),
    default: null,
    defaultRule: "none: it or `path` has to be given",
    summary: "TCP port to listen on. `0` lets the kernel pick one.",
  }),
  path: field<string | null>({
    key: "path",
    type: text({ allowed: "a path of at most 107 bytes", lengthMax: 107 }),
    default: null,
    defaultRule: "none",
    summary:
      "Unix socket to listen on instead of a port. Relative paths start at the current directory. What a process that is gone has left there is replaced.",
  }),
  mode: field<number>({
    key: "mode",
    type: unixModeType,
    default: 0o600,
    summary: "Who may connect to the Unix socket, in octal.",
  }),
  protocols: field<readonly HttpProtocolName[]>({
    key: "protocols",
    type: protocolListType,
    default: [],
    defaultRule: "`h1` and, unless `server.enable_http2` is off, `h2`",
    summary:
      "The versions of HTTP that are spoken. In the clear `h2` is told from `h1` by its first bytes, over TLS by ALPN. `h3` stands beside one of them and needs `tls`: it takes the UDP port of the same number, and the responses of the others name it in `Alt-Svc`. [The guide](../guides/http3.md) says what it does less well.",
  }),
  proxyProtocol: field<"off" | "on" | "optional">({
    key: "proxy_protocol",
    type: choice(["off", "on", "optional"]),
    default: "off",
    summary:
      "Whether connections begin with a PROXY protocol header (version 1 or 2), before TLS. `on` takes only peers in `server.trusted_proxies` and wants it from each; `optional` takes it from those if they send it, and reads the others' bytes as they are.",
    guards: "Who may say for whom it speaks: a client that is believed can be anybody.",
  }),
  redirectHttps: field<"false" | "true" | number>({
    key: "redirect_https",
    type: either(choice(["false", "true"]), integer({ min: 1, max: 65_535 })),
    default: "false",
    summary:
      "Answers every request but that for `server.health_path` with 308 to the same address under `https`: on the port given, or with `true` on that of the first listener with TLS. Requests that a trusted proxy has received over TLS are served.",
  }),
  certificates: {
    kind: "list",
    key: "tls.certificates",
    fields: Object.values(certificateFields) as OptionList["fields"],
    itemCountMax: 1_000,
    summary: "What the listener shows. The first one is for clients that ask for no name, or for one that none is for.",
    replaces: "front",
  },
  clientAuthority: field<string | null>({
    key: "tls.client_ca",
    type: text({ allowed: FILE }),
    default: null,
    defaultRule: "none",
    summary: "The authorities that clients' certificates are verified against, PEM.",
  }),
  clientCertificates: field<"off" | "optional" | "required">({
    key: "tls.client_certificates",
    type: choice(["off", "optional", "required"]),
    default: "off",
    summary:
      "Whether clients are asked for a certificate. `required` lets in nobody without one; one that does not verify is refused in either case.",
  }),
  versionMin: field<"1.2" | "1.3">({
    key: "tls.min_version",
    type: choice(["1.2", "1.3"]),
    default: "1.2",
    summary: "The lowest version of TLS that is spoken.",
  }),
  ciphers: field<string | null>({
    key: "tls.ciphers",
    type: text({ pattern: /^[A-Z0-9a-z:!+@=_-]+$/, allowed: "a list in OpenSSL's form" }),
    default: null,
    defaultRule: "ECDHE with AES-GCM or ChaCha20-Poly1305: forward secrecy, and none that HTTP/2 forbids",
    summary: "Cipher suites for TLS 1.2, in OpenSSL's form. Those of TLS 1.3 are fixed.",
  }),
};

export const listeners: OptionList = {
  kind: "list",
  key: "server.listeners",
  fields: Object.values(listenerFields) as OptionList["fields"],
  itemCountMax: 64,
  summary:
    "Where to listen, when one port is not all: replaces `server.host` and `server.port`. A listener with `tls` speaks nothing but TLS.",
  replaces: "front",
};

export const trustedProxies: Option<readonly string[]> = {
  kind: "value",
  key: "server.trusted_proxies",
  type: networkListType,
  default: [],
  summary:
    "Networks (`10.0.0.0/8`, `2001:db8::/32`, single addresses, `unix` for peers on Unix sockets) whose word is taken for whom a request is from: their PROXY protocol headers and the headers that `server.proxy_headers` names. The client is the right-most address that is not in them. From everybody else these headers are ordinary ones.",
  guards:
    "Clients that give themselves another address, to get around limits and logs: name your load balancers, and nobody else.",
  replaces: "front",
};

export const proxyHeaders: Option<"x-forwarded" | "forwarded"> = {
  kind: "value",
  key: "server.proxy_headers",
  type: choice(["x-forwarded", "forwarded"]),
  default: "x-forwarded",
  summary:
    "Which headers of trusted proxies tell whom a request is from: `X-Forwarded-For`, `X-Forwarded-Proto` and `X-Forwarded-Host`, or `Forwarded` (RFC 7239). The others are passed on unread.",
  guards: "A proxy sets one kind and passes the client's own other kind on: whoever reads both believes the client.",
  replaces: "front",
};
