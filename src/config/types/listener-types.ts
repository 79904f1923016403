import { isIP } from "node:net";
import * as v from "valibot";

import { IpNetworks } from "../../base/ip-networks.ts";
import type { HttpProtocolName } from "../server-config.ts";
import { listOf } from "./list-type.ts";
import type { OptionType } from "./option-type.ts";

// As TLS has them: host names, and a star for one label in front. Addresses are never asked for by name (RFC 6066 §3).
const SERVER_NAME = /^(?:\*\.)?(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/i;

/** Names for SNI; a single text is split at its spaces. */
export const serverNameListType: OptionType<readonly string[]> = listOf({
  isItem: (name) => name.length <= 253 && SERVER_NAME.test(name) && isIP(name) === 0,
  allowed: "a list of host names, `*.` in front for any one label,",
});

/** IP networks, and `unix`. */
export const networkListType: OptionType<readonly string[]> = listOf({
  isItem: (text) => text === "unix" || IpNetworks.isNetwork(text),
  allowed: "a list of IP addresses and networks (no bits behind the prefix), or `unix`,",
});

/** Versions of HTTP; a single text is split at its spaces and commas. */
export const protocolListType: OptionType<readonly HttpProtocolName[]> = wordList(["h1", "h2", "h3"]);

/** Permission bits in octal: `0660`. */
export const unixModeType: OptionType<number> = {
  schema: v.pipe(
    v.string(),
    v.regex(/^0?[0-7]{3}$/),
    v.transform((digits) => Number.parseInt(digits, 8)),
  ),
  allowed: "an octal mode such as 0660",
  jsonSchema: { type: ["string", "integer"], pattern: "^0?[0-7]{3}$" },
  words: [],
  show: (mode) => `0${mode.toString(8).padStart(3, "0")}`,
};

/** A list of a few words. */
function wordList<const Word extends string>(words: readonly Word[]): OptionType<readonly Word[]> {
  const isWord = (text: string): boolean => words.some((word) => word === text);
  const type = listOf({ isItem: isWord, allowed: `a list of ${words.join(", ")}` });
  // `isItem` lets nothing else through.
  return { ...(type as unknown as OptionType<readonly Word[]>), words };
}
