import * as v from "valibot";

import { listOf } from "./list-type.ts";
import type { OptionType } from "./option-type.ts";

// RFC 9110 §5.6.2.
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,128}$/;
// RFC 6454 §7: scheme, host and port, nothing behind it.
const ORIGIN = /^[a-z][a-z0-9+.-]*:\/\/(?:[a-z0-9._~-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i;
const HASH =
  /^\$(?:2[aby]\$\d{2}\$[./A-Za-z0-9]{53}|argon2(?:id|i|d)\$v=19\$m=\d+,t=\d+,p=\d+\$[A-Za-z0-9+/]+\$[A-Za-z0-9+/]+)$/;

/** Fields that the engine decides on: a rule for them would break framing, or be of no effect. */
const OWN_FIELDS = [
  "connection",
  "content-length",
  "host",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
];

/** Names that header rules may have. */
export const ruleFieldName: { readonly pattern: RegExp; readonly allowed: string } = {
  // Without a flag, for editors: they get the pattern's source alone.
  pattern: new RegExp(`^(?!(?:${OWN_FIELDS.map(inAnyCase).join("|")})$)[!#$%&'*+\\-.^_\`|~0-9A-Za-z]{1,128}$`),
  allowed: "the name of a header field that is not about the connection, the host or the length",
};

/** Names of fields; a single text is split at its spaces. */
export const fieldNameListType: OptionType<readonly string[]> = listOf({
  isItem: (name) => ruleFieldName.pattern.test(name),
  allowed: `a list of names, each ${ruleFieldName.allowed},`,
});

/** Names of fields, or `*`. */
export const tokenListType: OptionType<readonly string[]> = listOf({
  isItem: (name) => TOKEN.test(name),
  allowed: "a list of names, or *,",
});

/** Origins as browsers send them, or `*`. */
export const originListType: OptionType<readonly string[]> = listOf({
  isItem: (origin) => origin === "*" || ORIGIN.test(origin),
  allowed: "a list of origins such as https://app.example.org, or *,",
});

/** A password's hash: bcrypt's (`$2b$…`) or argon2's (`$argon2id$…`). */
export const passwordHashType: OptionType<string> = {
  schema: v.pipe(v.string(), v.maxLength(512), v.regex(HASH)),
  allowed: "the hash of a password, as bcrypt ($2b$…) or argon2 ($argon2id$…),",
  jsonSchema: { type: "string", pattern: "^\\$" },
  words: [],
  show: (value) => value,
};

function inAnyCase(lowerCaseName: string): string {
  return lowerCaseName.replace(/[a-z]/g, (letter) => `[${letter.toUpperCase()}${letter}]`);
}
