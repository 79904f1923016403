import type { AccessFormat, AccessPart, AccessVariable } from "../../config/types/access-format.ts";
import type { ExchangeOutcome } from "../watch/exchange-trace.ts";
import type { AccessRecord } from "./access-record.ts";
import { escapeOctets, type Escaping } from "./escape-octets.ts";
import { LocalTime } from "./local-time.ts";
import type { RequestFacts } from "./request-facts.ts";

/** What is kept of a request until its line is written: its parts that come from the request, escaped, in the order of the format. */
export type CapturedParts = readonly string[];

/** Turns what is known of an exchange into a line with its line end: ASCII, without control characters but for that end. */
export interface AccessLine {
  /** Keeps what the line needs of the request. */
  capture(facts: RequestFacts): CapturedParts;
  render(captured: CapturedParts, record: AccessRecord): string;
}

/** The line that a configured format describes. */
export function compileAccessLine(format: AccessFormat): AccessLine {
  return format === "json" ? new JsonLine() : new FormattedLine(format);
}

const time = new LocalTime();

const NOTHING = "-";

type RequestVariable = Exclude<AccessVariable, keyof typeof OF_OUTCOME | "nothing" | "user">;

const OF_REQUEST: Readonly<Record<RequestVariable, (facts: RequestFacts, header: string) => string>> = {
  client: ({ client }) => client,
  "client-port": ({ clientPort }) => clientPort,
  header: (facts, name) => facts.header(name),
  host: ({ host }) => host,
  method: ({ method }) => method,
  path: ({ path }) => path,
  protocol: ({ protocol }) => protocol,
  query: ({ query }) => query,
  "query-mark": ({ query }) => (query === "" ? "" : "?"),
  "query-with-mark": ({ query }) => (query === "" ? "" : `?${query}`),
  request: ({ requestLine }) => requestLine,
  "request-id": ({ requestId }) => requestId,
  scheme: ({ scheme }) => scheme,
  "server-address": ({ serverAddress }) => serverAddress,
  "server-port": ({ serverPort }) => serverPort,
  target: ({ target }) => target,
  "tls-cipher": ({ tlsCipher }) => tlsCipher,
  "tls-server-name": ({ tlsServerName }) => tlsServerName,
  "tls-version": ({ tlsVersion }) => tlsVersion,
};

/** Apache's `%X`. */
const OUTCOME_SIGNS: Readonly<Record<ExchangeOutcome, string>> = {
  answered: "+",
  upgraded: "+",
  abandoned: "X",
  refused: "-",
  cut: "-",
};

const OF_OUTCOME = {
  app: ({ app }: AccessRecord) => (app === null ? NOTHING : escapeOctets(app, "octets")),
  "body-bytes": ({ bodyBytes }: AccessRecord) => String(bodyBytes),
  "body-bytes-or-dash": ({ bodyBytes }: AccessRecord) => (bodyBytes === 0 ? NOTHING : String(bodyBytes)),
  "duration-ms": ({ durationMs }: AccessRecord) => String(Math.round(durationMs)),
  "duration-s": ({ durationMs }: AccessRecord) => seconds(durationMs),
  "duration-us": ({ durationMs }: AccessRecord) => String(Math.round(durationMs * 1_000)),
  "duration-whole-s": ({ durationMs }: AccessRecord) => String(Math.floor(durationMs / 1_000)),
  "first-byte-s": ({ firstByteMs }: AccessRecord) => seconds(firstByteMs),
  outcome: ({ outcome }: AccessRecord) => outcome,
  "outcome-sign": ({ outcome }: AccessRecord) => OUTCOME_SIGNS[outcome],
  "queue-s": ({ queueMs }: AccessRecord) => seconds(queueMs),
  status: ({ status }: AccessRecord) => (status === 0 ? NOTHING : String(status)),
  "time-bracketed": ({ arrivedMs }: AccessRecord) => `[${time.common(arrivedMs)}]`,
  "time-epoch": ({ arrivedMs }: AccessRecord) => seconds(arrivedMs),
  "time-iso": ({ arrivedMs }: AccessRecord) => time.iso(arrivedMs),
  "time-local": ({ arrivedMs }: AccessRecord) => time.common(arrivedMs),
  "work-s": ({ workMs }: AccessRecord) => seconds(workMs),
} as const;

/** With milliseconds, as nginx writes times. */
function seconds(ms: number): string {
  return ms < 0 ? NOTHING : (ms / 1_000).toFixed(3);
}

type LatePart = string | number | ((record: AccessRecord) => string);

/** Text with variables. A format that begins with `{` is JSON: values are escaped for it, and what is absent is empty instead of `-`. */
class FormattedLine implements AccessLine {
  readonly #captures: ((facts: RequestFacts) => string)[] = [];
  /** In the order of the line: text, the number of a captured part, or what the outcome says. */
  readonly #parts: readonly LatePart[];
  readonly #escaping: Escaping;
  readonly #absent: string;

  constructor(format: readonly AccessPart[]) {
    const isJson = typeof format[0] === "string" && format[0].trimStart().startsWith("{");
    this.#escaping = isJson ? "json" : "octets";
    this.#absent = isJson ? "" : NOTHING;
    this.#parts = format.map((part) => this.#compile(part));
  }

  capture(facts: RequestFacts): CapturedParts {
    const captures = this.#captures;
    const captured = Array<string>(captures.length);
    for (let index = 0; index < captures.length; index++) {
      const text = captures[index]!(facts);
      captured[index] = text === "" ? this.#absent : escapeOctets(text, this.#escaping);
    }
    return captured;
  }

  render(captured: CapturedParts, record: AccessRecord): string {
    let line = "";
    for (const part of this.#parts) {
      if (typeof part === "string") line += part;
      else line += typeof part === "number" ? captured[part]! : part(record);
    }
    return `${line}\n`;
  }

  #compile(part: AccessPart): LatePart {
    // What the format says beyond ASCII is written as UTF-8, which a line is made of octet by octet.
    if (typeof part === "string") return Buffer.from(part).toString("latin1");
    const { variable, header } = part;
    if (variable === "nothing") return this.#absent;
    if (variable === "user") return ({ user }) => (user === null ? this.#absent : escapeOctets(user, this.#escaping));
    if (variable in OF_OUTCOME) return OF_OUTCOME[variable as keyof typeof OF_OUTCOME];
    const read = OF_REQUEST[variable as RequestVariable];
    this.#captures.push((facts) => read(facts, header ?? ""));
    return this.#captures.length - 1;
  }
}

/** One object a line, its members always the same and in the same order; what is absent is `null`. */
class JsonLine implements AccessLine {
  capture(facts: RequestFacts): CapturedParts {
    const { client, method, target, protocol, host, scheme, requestId, tlsVersion } = facts;
    const request = `"client":${text(client)},"method":${text(method)},"target":${text(target)},"protocol":${text(protocol)}`;
    const server = `"host":${text(host)},"scheme":${text(scheme)},"requestId":${text(requestId)},"tls":${text(tlsVersion)}`;
    const agent = `"referer":${text(facts.header("referer"))},"userAgent":${text(facts.header("user-agent"))}`;
    return [`${request},${server},${agent},`];
  }

  render(captured: CapturedParts, record: AccessRecord): string {
    const { app, user, outcome, status, bodyBytes, arrivedMs, durationMs, firstByteMs, queueMs, workMs } = record;
    const answer = `"status":${status === 0 ? "null" : status},"bodyBytes":${bodyBytes},"outcome":"${outcome}"`;
    const times = `"durationMs":${ms(durationMs)},"firstByteMs":${ms(firstByteMs)},"queueMs":${ms(queueMs)},"workerMs":${ms(workMs)}`;
    const names = `"app":${text(app ?? "")},"user":${text(user ?? "")}`;
    return `{"time":"${time.utc(arrivedMs)}",${captured[0]!}${answer},${names},${times}}\n`;
  }
}

function text(value: string): string {
  return value === "" ? "null" : `"${escapeOctets(value, "json")}"`;
}

/** To the microsecond. */
function ms(value: number): string {
  return value < 0 ? "null" : String(Math.round(value * 1_000) / 1_000);
}
