import * as v from "valibot";

import { ACCESS_PRESETS, parseAccessFormat } from "../types/access-format.ts";
import { DAY_MS, GIB, KIB, MIB } from "../types/bounds.ts";
import { listOf } from "../types/list-type.ts";
import type { Option, OptionList } from "./option.ts";
import { type OptionType, text, textList } from "../types/option-type.ts";
import { byteSize, duration, percentage } from "../types/quantity.ts";

/** Of the conditions of a log. */
const LIST_RULES = { itemCountMax: 64, hasNumbers: true } as const;

/** The word for the process's own output in the place of a path. */
export const STDOUT = "stdout";

const pathType = text({ allowed: "the path of a file or FIFO, or `stdout`" });

const formatType: OptionType<string> = {
  schema: v.pipe(
    v.string(),
    v.regex(/^\P{Cc}+$/u),
    v.maxLength(4096),
    v.check((format) => parseAccessFormat(format) !== null),
  ),
  allowed: `one of ${ACCESS_PRESETS.join(", ")}, or text with variables that docs/guides/logs.md lists`,
  jsonSchema: { type: "string" },
  words: ACCESS_PRESETS,
  show: (value) => value,
};

const STATUS = /^(?:[1-5]xx|[1-5]\d\d(?:-[1-5]\d\d)?)$/i;

const statusListType: OptionType<readonly string[]> = listOf({
  ...LIST_RULES,
  isItem: (item) => STATUS.test(item),
  allowed: "a list of statuses, such as `404`, `5xx` or `500-504`,",
});

const pathListType: OptionType<readonly string[]> = listOf({
  ...LIST_RULES,
  isItem: (item) => /^[/*][^\s*]*\*?$/.test(item),
  allowed: "a list of paths, `*` at the end or the beginning for anything,",
});

const namePattern = /^[^\s,=&?#]+$/;

const nameListType: OptionType<readonly string[]> = listOf({
  ...LIST_RULES,
  isItem: (item) => namePattern.test(item),
  allowed: "a list of names",
});

export const accessLog: Option<string | null> = {
  kind: "value",
  key: "logging.access_log",
  type: pathType,
  default: null,
  defaultRule: "none: no access log",
  summary:
    "Where a line for every request goes: a file, a FIFO, or `stdout`. Relative paths start at the current directory. SIGUSR1 to the master opens the file anew. `logging.access` has logs with conditions, beside this one.",
  replaces: "front",
  flag: "access-log",
};

export const accessFormat: Option<string> = {
  kind: "value",
  key: "logging.access_format",
  type: formatType,
  default: "combined",
  summary:
    "How the lines of `logging.access_log` look: `json`, `common`, `combined`, or text with the variables of Apache (`%h`) and nginx (`$remote_addr`).",
  replaces: "front",
};

export const maskedQueries: Option<readonly string[]> = {
  kind: "value",
  key: "logging.mask_query",
  type: nameListType,
  default: [
    "access_token",
    "api_key",
    "apikey",
    "auth",
    "client_secret",
    "code",
    "id_token",
    "jwt",
    "key",
    "pass",
    "passwd",
    "password",
    "pwd",
    "refresh_token",
    "secret",
    "session",
    "sig",
    "signature",
    "token",
    "x-amz-security-token",
    "x-amz-signature",
  ],
  summary:
    "Query parameters, letter case aside, whose values are written as `***`, in targets and in `Referer`. A list that is given takes the place of this one.",
  guards: "Passwords and tokens in log files, which more people read than may use them.",
  replaces: "front",
};

export const maskedHeaders: Option<readonly string[]> = {
  kind: "value",
  key: "logging.mask_headers",
  type: nameListType,
  default: ["authorization", "cookie", "proxy-authorization", "x-api-key", "x-auth-token", "x-csrf-token"],
  summary: "Request headers, letter case aside, that are written as `***` wherever a format names them.",
  guards: "Credentials in log files.",
  replaces: "front",
};

/** A field of an item: only the file gives it. */
function field<Value>(option: Omit<Option<Value>, "replaces" | "kind">): Option<Value> {
  return { kind: "value", replaces: "front", ...option };
}

/** What stands in an item of `logging.access`. */
export interface AccessLogFields {
  readonly path: Option<string | null>;
  readonly format: Option<string>;
  readonly apps: Option<readonly string[]>;
  readonly listeners: Option<readonly string[]>;
  readonly status: Option<readonly string[]>;
  readonly paths: Option<readonly string[]>;
  readonly except: Option<readonly string[]>;
  readonly minDuration: Option<number>;
  readonly sample: Option<number>;
  readonly buffer: Option<number>;
}

export const accessLogFields: AccessLogFields = {
  path: field<string | null>({
    key: "path",
    type: pathType,
    default: null,
    defaultRule: "none, it has to be given",
    summary: "As `logging.access_log`. Two logs may have one path.",
  }),
  format: field<string>({
    key: "format",
    type: formatType,
    default: "combined",
    summary: "As `logging.access_format`.",
  }),
  apps: field<readonly string[]>({
    key: "apps",
    type: nameListType,
    default: [],
    summary: "Only requests that one of these apps answers. Empty takes all, and what the engine answers itself.",
  }),
  listeners: field<readonly string[]>({
    key: "listeners",
    type: textList("a list of ports and paths of Unix sockets"),
    default: [],
    summary: "Only requests that came by one of these listeners, named by their `port` or `path`. Empty takes all.",
  }),
  status: field<readonly string[]>({
    key: "status",
    type: statusListType,
    default: [],
    summary: "Only answers with these statuses: `404`, `5xx`, `500-504`. Empty takes all.",
  }),
  paths: field<readonly string[]>({
    key: "paths",
    type: pathListType,
    default: [],
    summary:
      "Only these paths, as received: exact ones, or with `*` at the end or at the beginning for anything. Empty takes all.",
  }),
  except: field<readonly string[]>({
    key: "except",
    type: pathListType,
    default: [],
    summary: "Not these paths, such as that of a health check.",
  }),
  minDuration: field<number>({
    key: "min_duration",
    type: duration("ms", { min: 0, max: DAY_MS }),
    default: 0,
    summary: "Only requests that took at least so long, in milliseconds.",
  }),
  sample: field<number>({
    key: "sample",
    type: percentage({ min: 1, max: 100 }),
    default: 1,
    summary: "Share, in percent, of those that pass the other conditions; they are taken evenly.",
  }),
  buffer: field<number>({
    key: "buffer",
    type: byteSize({ min: 256 * KIB, max: GIB }),
    default: 8 * MIB,
    summary:
      "What may wait for a disk or a reader. Past it lines are dropped and counted, which the engine's own log and `vilya_access_log_dropped_lines_total` tell.",
    guards: "A slow disk or a stuck reader holding up requests, or taking the memory.",
  }),
};

export const accessLogs: OptionList = {
  kind: "list",
  key: "logging.access",
  fields: Object.values(accessLogFields) as OptionList["fields"],
  itemCountMax: 32,
  summary: "Access logs with conditions; a request goes to each one whose conditions it meets.",
  replaces: "front",
};
