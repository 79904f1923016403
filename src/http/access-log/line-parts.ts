import type { AccessFormat, AccessPart, AccessVariable } from "../../config/types/access-format.ts";
import { hashName } from "../../protocols/http/field-block.ts";
import type { ExchangeOutcome } from "../watch/exchange-trace.ts";
import type { AccessRecord } from "./access-record.ts";
import type { Escaping } from "./escape-octets.ts";
import type { LineBuffer } from "./line-buffer.ts";
import { LocalTime } from "./local-time.ts";
import type { HeaderName, RequestFacts } from "./request-facts.ts";

/** What there is to say of a request when it is dispatched. */
export type EarlyPart = (facts: RequestFacts, line: LineBuffer) => void;

/** What its outcome says. */
export type LatePart = (record: AccessRecord, line: LineBuffer) => void;

/** A part of a line: text as it stands, or what writes it. */
export type LinePart = string | { readonly early: EarlyPart } | { readonly late: LatePart };

function nameOf(lowerCaseName: string): HeaderName {
  return { lowerCaseName, hash: hashName(lowerCaseName) };
}

/** Values of a format that begins with `{` are escaped for JSON. */
export function escapingOf(format: AccessFormat): Escaping {
  if (format === "json") return "json";
  const [first] = format;
  return typeof first === "string" && first.trimStart().startsWith("{") ? "json" : "octets";
}

/** The parts of a line of a configured format, in their order. What is absent is `-`, or empty in a format that is JSON. */
export function lineParts(format: AccessFormat): readonly LinePart[] {
  if (format === "json") return JSON_PARTS;
  const absent = escapingOf(format) === "json" ? "" : NOTHING;
  return format.map((part) => compile(part, absent));
}

const time = new LocalTime();

const NOTHING = "-";

type RequestVariable = Exclude<AccessVariable, keyof typeof OF_OUTCOME | "nothing" | "user">;

/** Each writes nothing when the request does not have it. */
const OF_REQUEST: Readonly<
  Record<RequestVariable, (facts: RequestFacts, line: LineBuffer, header: HeaderName | null) => void>
> = {
  client: (facts, line) => facts.writeClient(line),
  "client-port": ({ clientPort }, line) => line.writeText(clientPort),
  header: (facts, line, name) => facts.writeHeader(line, name!),
  host: (facts, line) => facts.writeHost(line),
  method: ({ method }, line) => line.writeValue(method),
  path: ({ path }, line) => line.writeValue(path),
  protocol: ({ protocol }, line) => line.writeText(protocol),
  query: ({ query }, line) => line.writeValue(query),
  "query-mark": ({ query }, line) => line.writeText(query === "" ? "" : "?"),
  "query-with-mark": ({ query }, line) => line.writeValue(query === "" ? "" : `?${query}`),
  request: (facts, line) => facts.writeRequestLine(line),
  "request-id": ({ requestId }, line) => line.writeText(requestId),
  scheme: ({ scheme }, line) => line.writeText(scheme),
  "server-address": ({ serverAddress }, line) => line.writeValue(serverAddress),
  "server-port": ({ serverPort }, line) => line.writeText(serverPort),
  target: (facts, line) => facts.writeTarget(line),
  "tls-cipher": ({ tlsCipher }, line) => line.writeText(tlsCipher),
  "tls-server-name": ({ tlsServerName }, line) => line.writeValue(tlsServerName),
  "tls-version": ({ tlsVersion }, line) => line.writeText(tlsVersion),
};

/** As nginx has it for a client that left before its answer began: readers of logs refuse lines without a status. */
const STATUS_OF_NO_ANSWER = 499;

/** Apache's `%X`. */
const OUTCOME_SIGNS: Readonly<Record<ExchangeOutcome, string>> = {
  answered: "+",
  upgraded: "+",
  abandoned: "X",
  refused: "-",
  cut: "-",
};

const OF_OUTCOME = {
  app: ({ app }: AccessRecord, line: LineBuffer) => (app === null ? line.writeText(NOTHING) : line.writeValue(app)),
  "body-bytes": ({ bodyBytes }: AccessRecord, line: LineBuffer) => line.writeInteger(bodyBytes),
  "body-bytes-or-dash": ({ bodyBytes }: AccessRecord, line: LineBuffer) => writePositive(line, bodyBytes),
  "duration-ms": ({ durationMs }: AccessRecord, line: LineBuffer) => line.writeInteger(Math.round(durationMs)),
  "duration-s": ({ durationMs }: AccessRecord, line: LineBuffer) => writeSeconds(line, durationMs),
  "duration-us": ({ durationMs }: AccessRecord, line: LineBuffer) => line.writeInteger(Math.round(durationMs * 1_000)),
  "duration-whole-s": ({ durationMs }: AccessRecord, line: LineBuffer) =>
    line.writeInteger(Math.floor(durationMs / 1_000)),
  "first-byte-s": ({ firstByteMs }: AccessRecord, line: LineBuffer) => writeSeconds(line, firstByteMs),
  outcome: ({ outcome }: AccessRecord, line: LineBuffer) => line.writeText(outcome),
  "outcome-sign": ({ outcome }: AccessRecord, line: LineBuffer) => line.writeText(OUTCOME_SIGNS[outcome]),
  "queue-s": ({ queueMs }: AccessRecord, line: LineBuffer) => writeSeconds(line, queueMs),
  status: ({ status, outcome }: AccessRecord, line: LineBuffer) =>
    writePositive(line, status === 0 && outcome === "abandoned" ? STATUS_OF_NO_ANSWER : status),
  "time-bracketed": ({ arrivedMs }: AccessRecord, line: LineBuffer) => line.writeText(time.bracketed(arrivedMs)),
  "time-epoch": ({ arrivedMs }: AccessRecord, line: LineBuffer) => writeSeconds(line, arrivedMs),
  "time-iso": ({ arrivedMs }: AccessRecord, line: LineBuffer) => line.writeText(time.iso(arrivedMs)),
  "time-local": ({ arrivedMs }: AccessRecord, line: LineBuffer) => line.writeText(time.common(arrivedMs)),
  "work-s": ({ workMs }: AccessRecord, line: LineBuffer) => writeSeconds(line, workMs),
} as const;

function writePositive(line: LineBuffer, value: number): void {
  if (value === 0) line.writeText(NOTHING);
  else line.writeInteger(value);
}

/** With milliseconds, as nginx writes times. */
function writeSeconds(line: LineBuffer, ms: number): void {
  if (ms < 0) line.writeText(NOTHING);
  else line.writeThousandths(Math.round(ms), "three");
}

function compile(part: AccessPart, absent: string): LinePart {
  if (typeof part === "string") return part;
  const { variable, header } = part;
  if (variable === "nothing") return absent;
  if (variable === "user")
    return { late: ({ user }, line) => (user === null ? line.writeText(absent) : line.writeValue(user)) };
  if (variable in OF_OUTCOME) return { late: OF_OUTCOME[variable as keyof typeof OF_OUTCOME] };
  const write = OF_REQUEST[variable as RequestVariable];
  const name = header === null ? null : nameOf(header);
  return {
    early: (facts, line) => {
      const start = line.end;
      write(facts, line, name);
      if (line.end === start) line.writeText(absent);
    },
  };
}

/** One object a line, its members always the same and in the same order; what is absent is `null`. */
const JSON_PARTS: readonly LinePart[] = [
  '{"time":"',
  { late: ({ arrivedMs }, line) => line.writeText(time.utc(arrivedMs)) },
  ".",
  { late: ({ arrivedMs }, line) => line.writeInteger(Math.floor(arrivedMs) % 1_000, 3) },
  'Z","client":',
  quoted("client"),
  ',"method":',
  quoted("method"),
  ',"target":',
  quoted("target"),
  ',"protocol":',
  quoted("protocol"),
  ',"host":',
  quoted("host"),
  ',"scheme":',
  quoted("scheme"),
  ',"requestId":',
  quoted("request-id"),
  ',"tls":',
  quoted("tls-version"),
  ',"referer":',
  quoted("header", "referer"),
  ',"userAgent":',
  quoted("header", "user-agent"),
  ',"status":',
  { late: ({ status }, line) => (status === 0 ? line.writeText("null") : line.writeInteger(status)) },
  ',"bodyBytes":',
  { late: ({ bodyBytes }, line) => line.writeInteger(bodyBytes) },
  ',"outcome":"',
  { late: ({ outcome }, line) => line.writeText(outcome) },
  '","durationMs":',
  { late: ({ durationMs }, line) => writeMs(line, durationMs) },
  ',"firstByteMs":',
  { late: ({ firstByteMs }, line) => writeMs(line, firstByteMs) },
  ',"queueMs":',
  { late: ({ queueMs }, line) => writeMs(line, queueMs) },
  ',"workerMs":',
  { late: ({ workMs }, line) => writeMs(line, workMs) },
  ',"app":',
  { late: ({ app }, line) => writeQuoted(line, app) },
  ',"user":',
  { late: ({ user }, line) => writeQuoted(line, user) },
  "}",
];

function quoted(variable: RequestVariable, header: string | null = null): LinePart {
  const write = OF_REQUEST[variable];
  const name = header === null ? null : nameOf(header);
  return {
    early: (facts, line) => {
      const start = line.end;
      line.writeText('"');
      write(facts, line, name);
      if (line.end > start + 1) {
        line.writeText('"');
      } else {
        line.end = start;
        line.writeText("null");
      }
    },
  };
}

function writeQuoted(line: LineBuffer, value: string | null): void {
  if (value === null || value === "") {
    line.writeText("null");
    return;
  }
  line.writeText('"');
  line.writeValue(value);
  line.writeText('"');
}

/** To the microsecond. */
function writeMs(line: LineBuffer, ms: number): void {
  if (ms < 0) line.writeText("null");
  else line.writeThousandths(Math.round(ms * 1_000), "needed");
}
