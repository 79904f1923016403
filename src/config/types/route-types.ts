import { isIP } from "node:net";
import * as v from "valibot";

import { parsePathPattern } from "../../paths/path-pattern.ts";
import { listOf } from "./list-type.ts";
import { integer, type OptionType } from "./option-type.ts";

const HOST = /^(?:\*\.)?(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/i;
// RFC 9110 §5.6.2.
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,64}$/;
const PATH_LENGTH_MAX = 1_024;
const TARGET_LENGTH_MAX = 2_048;
/** What a URI may be written with, and braces for parameters: no space, no control character, nothing to break a header with. */
const TARGET = /^[A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=%{}]+$/;

/** Host names without a port, and `*.` in front for names below one; addresses stand for themselves. */
export const hostPatternListType: OptionType<readonly string[]> = listOf({
  isItem: (host) => host.length <= 253 && (HOST.test(host) || isIP(host.replace(/^\[(.*)\]$/, "$1")) !== 0),
  allowed: "a list of host names without ports, `*.` in front for every name below one,",
});

/** Methods, as they are spelt: in capitals, for the usual ones. */
export const methodListType: OptionType<readonly string[]> = listOf({
  isItem: (method) => TOKEN.test(method) && method === method.toUpperCase(),
  allowed: "a list of methods in capitals",
});

/** A pattern of `parsePathPattern`. */
export const pathPatternType: OptionType<string> = {
  schema: v.pipe(
    v.string(),
    v.maxLength(PATH_LENGTH_MAX),
    v.check((text) => typeof parsePathPattern(text) !== "string"),
  ),
  allowed: "a path such as /about, /users/{id}, /users/{id:int}, /files/{rest:path} or /api/*",
  jsonSchema: { type: "string", pattern: "^/" },
  words: [],
  show: (value) => value,
};

/** A path on this server, with words in braces: begins with one slash. */
export const pathTargetType: OptionType<string> = targetType(
  /^\/(?!\/)[^#]*$/,
  "a path that begins with one slash, {NAME} for what a parameter is,",
);

/** An address to send a client to: a path on this server or one with `http` or `https`. */
export const redirectTargetType: OptionType<string> = targetType(
  /^(?:\/(?!\/)|https?:\/\/[^/?#]+)/,
  "a path that begins with one slash or an http or https address, {NAME} for what a parameter is,",
);

/** RFC 9110 §15.4, those that say where to go. */
export const redirectStatusType: OptionType<number> = {
  ...integer({ min: 301, max: 308 }),
  schema: v.pipe(v.string(), v.picklist(["301", "302", "303", "307", "308"]), v.transform(Number)),
  allowed: "one of 301, 302, 303, 307, 308",
  jsonSchema: { enum: [301, 302, 303, 307, 308] },
};

/** An upstream in the clear: `http://127.0.0.1:3000`, `http://app`, `unix:/run/app.sock`; resolved to `host:port` or `unix:path`. */
export const upstreamType: OptionType<string> = {
  schema: v.pipe(
    v.string(),
    v.maxLength(256),
    v.transform((text) => {
      const [, host, port = "80"] = /^http:\/\/([^:/?#@\s]+|\[[0-9a-fA-F:.]+\])(?::(\d{1,5}))?\/?$/.exec(text) ?? [];
      return host === undefined ? text : `${host}:${port}`;
    }),
    v.check((text) => /^unix:\/\P{Cc}+$/u.test(text) || /^(?:[^:/[\]\s]+|\[[0-9a-fA-F:.]+\]):\d{1,5}$/.test(text)),
  ),
  allowed: "an address such as http://127.0.0.1:3000 or unix:/run/app.sock, without a path,",
  jsonSchema: { type: "string", pattern: "^(http://|unix:/|[^/]+:\\d+$)" },
  words: [],
  show: (value) => (value.startsWith("unix:") ? value : `http://${value}`),
};

function targetType(pattern: RegExp, allowed: string): OptionType<string> {
  return {
    schema: v.pipe(v.string(), v.maxLength(TARGET_LENGTH_MAX), v.regex(TARGET), v.regex(pattern)),
    allowed,
    jsonSchema: { type: "string", pattern: pattern.source },
    words: [],
    show: (value) => value,
  };
}
