import { isIP } from "node:net";
import * as v from "valibot";
import type { OptionType } from "./option-type.ts";

// RFC 1123 §2.1: labels of letters, digits and hyphens, 1 to 63 characters each.
const HOST_NAME = /^(?!-)[A-Za-z0-9-]{1,63}(?<!-)(\.(?!-)[A-Za-z0-9-]{1,63}(?<!-))*\.?$/;
const HOST_NAME_LENGTH_MAX = 253;

/** An IP address (brackets around IPv6 are dropped) or a host name. A URL or a `host:port` is refused. */
export const hostType: OptionType<string> = {
  schema: v.pipe(
    v.string(),
    v.transform((text) => text.replace(/^\[(.*)\]$/, "$1")),
    v.check((text) => isIP(text) !== 0 || isHostName(text)),
  ),
  allowed: "an IP address or a host name, without a scheme or port,",
  jsonSchema: { type: "string" },
  words: [],
  show: (value) => value,
};

function isHostName(text: string): boolean {
  // A name of digits and dots only is a mistyped address: 10.0.0.256, 127.1.
  return text.length <= HOST_NAME_LENGTH_MAX && HOST_NAME.test(text) && !/^[\d.]+$/.test(text);
}

// RFC 3986 §3.3: what a path may hold unescaped, and percent-encoded bytes. No query: the front compares the path alone.
const PATH = /^\/(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})*$/;
const OFF_WORDS: ReadonlySet<string> = new Set(["", "off", "false", "no"]);

/** An absolute path, or a word that switches it off; off is the empty string. */
export const healthPathType: OptionType<string> = {
  schema: v.pipe(
    v.string(),
    v.transform((text) => (OFF_WORDS.has(text.toLowerCase()) ? "" : text)),
    v.check((path) => path === "" || PATH.test(path)),
    v.maxLength(256),
  ),
  allowed: "a path that starts with `/` and has no query, or `off`,",
  jsonSchema: { anyOf: [{ type: "string", pattern: "^(/|off$|$)" }, { const: false }] },
  words: ["off"],
  show: (path) => (path === "" ? "off" : path),
};
