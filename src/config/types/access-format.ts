/**
 * What a variable of an access log stands for. Times are those of the request's arrival; `duration-*` end when the last byte of the answer has
 * been handed to the client's connection.
 */
export type AccessVariable =
  | "app"
  | "body-bytes"
  | "body-bytes-or-dash"
  | "client"
  | "client-port"
  | "duration-ms"
  | "duration-s"
  | "duration-us"
  | "duration-whole-s"
  | "first-byte-s"
  | "header"
  | "host"
  | "method"
  | "nothing"
  | "outcome"
  | "outcome-sign"
  | "path"
  | "protocol"
  | "query"
  | "query-mark"
  | "query-with-mark"
  | "queue-s"
  | "request"
  | "request-id"
  | "scheme"
  | "server-address"
  | "server-port"
  | "status"
  | "target"
  | "time-epoch"
  | "time-bracketed"
  | "time-iso"
  | "time-local"
  | "tls-cipher"
  | "tls-server-name"
  | "tls-version"
  | "user"
  | "work-s";

/** A part of a line: text as it stands, or a variable; `header` in lower case is the argument of `header`. */
export type AccessPart = string | { readonly variable: AccessVariable; readonly header: string | null };

/** A format as it is written: preset, or text with variables. */
export type AccessFormat = "json" | readonly AccessPart[];

const PRESETS: Readonly<Record<string, string>> = {
  common: '%h %l %u %t "%r" %>s %b',
  combined: '%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i"',
};

/** The words that stand for a whole format. */
export const ACCESS_PRESETS: readonly string[] = ["json", ...Object.keys(PRESETS)];

/** Variables as nginx names them, with those of Vilya's own, without the `$`. */
export const NAMED_VARIABLES: Readonly<Record<string, AccessVariable>> = {
  app: "app",
  args: "query",
  body_bytes_sent: "body-bytes",
  document_uri: "path",
  first_byte_time: "first-byte-s",
  host: "host",
  is_args: "query-mark",
  msec: "time-epoch",
  outcome: "outcome",
  query_string: "query",
  queue_time: "queue-s",
  remote_addr: "client",
  remote_port: "client-port",
  remote_user: "user",
  request: "request",
  request_id: "request-id",
  request_method: "method",
  request_time: "duration-s",
  request_uri: "target",
  scheme: "scheme",
  server_addr: "server-address",
  server_port: "server-port",
  server_protocol: "protocol",
  ssl_cipher: "tls-cipher",
  ssl_protocol: "tls-version",
  ssl_server_name: "tls-server-name",
  status: "status",
  time_iso8601: "time-iso",
  time_local: "time-local",
  upstream_response_time: "work-s",
  uri: "path",
  worker_time: "work-s",
};

/** Variables as Apache names them, without the `%`. */
export const PERCENT_VARIABLES: Readonly<Record<string, AccessVariable>> = {
  A: "server-address",
  a: "client",
  B: "body-bytes",
  b: "body-bytes-or-dash",
  D: "duration-us",
  H: "protocol",
  h: "client",
  L: "request-id",
  l: "nothing",
  m: "method",
  p: "server-port",
  q: "query-with-mark",
  r: "request",
  s: "status",
  t: "time-bracketed",
  T: "duration-whole-s",
  U: "path",
  u: "user",
  V: "host",
  v: "host",
  X: "outcome-sign",
};

const DURATIONS: Readonly<Record<string, AccessVariable>> = {
  ms: "duration-ms",
  s: "duration-whole-s",
  us: "duration-us",
};

/** `%h`, `%>s`, `%{Referer}i`, `%{ms}T`, `%%` · `$name`, `${name}`. */
const REFERENCE = /%(?:(%)|\{([^{}]*)\}([A-Za-z])|[<>]?([A-Za-z]))|\$(?:([a-z][a-z0-9_]*)|\{([a-z][a-z0-9_]*)\})|[%$]/g;

const HEADER_PREFIX = "http_";

/**
 * Reads a format: a preset (`json`, `common`, `combined`), or text with variables of Apache (`%h`) and nginx (`$remote_addr`), also mixed.
 *
 * @returns `null` when it names a variable that there is not.
 */
export function parseAccessFormat(text: string): AccessFormat | null {
  if (text === "json") return "json";
  const format = PRESETS[text] ?? text;
  const parts: AccessPart[] = [];
  let literal = "";
  let end = 0;
  for (const match of format.matchAll(REFERENCE)) {
    literal += format.slice(end, match.index);
    end = match.index + match[0].length;
    const [, percent, argument, letter, short, name, braced] = match;
    if (percent !== undefined) {
      literal += "%";
      continue;
    }
    const part = findPart({ argument, letter, short, name: name ?? braced });
    if (part === null) return null;
    if (literal !== "") parts.push(literal);
    literal = "";
    parts.push(part);
  }
  literal += format.slice(end);
  return literal === "" ? parts : [...parts, literal];
}

interface Reference {
  readonly argument: string | undefined;
  readonly letter: string | undefined;
  readonly short: string | undefined;
  readonly name: string | undefined;
}

function findPart({ argument, letter, short, name }: Reference): AccessPart | null {
  if (short !== undefined) return plain(PERCENT_VARIABLES[short]);
  if (argument !== undefined) {
    if (letter === "i") return header(argument);
    return letter === "T" ? plain(DURATIONS[argument]) : null;
  }
  if (name === undefined) return null;
  if (name.startsWith(HEADER_PREFIX)) return header(name.slice(HEADER_PREFIX.length).replaceAll("_", "-"));
  return plain(NAMED_VARIABLES[name]);
}

function plain(variable: AccessVariable | undefined): AccessPart | null {
  return variable === undefined ? null : { variable, header: null };
}

/** RFC 9110 §5.1: a name is a token. */
function header(name: string): AccessPart | null {
  return /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name) ? { variable: "header", header: name.toLowerCase() } : null;
}
