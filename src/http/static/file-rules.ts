import { lookup } from "mrmime";

import type { CacheRule, StaticConfig } from "../../config/static-config.ts";

/** The one hidden name that is public: RFC 8615. */
const WELL_KNOWN = ".well-known";

const UNKNOWN_TYPE = "application/octet-stream";

/** Types that are text and do not say so; JSON is UTF-8 by definition (RFC 8259 §8.1) and takes no charset. */
const TEXT_TYPE = /^(?:text\/|application\/(?:javascript|xml|xhtml\+xml|manifest\+json$)|image\/svg\+xml)/;

type Match = (path: string, name: string) => boolean;

/** Decides by a file's name whether it is served, as what, and how long it may be kept. Names are bytes, one per UTF-16 unit. */
export class FileRules {
  readonly #isDenied: readonly Match[];
  readonly #cacheRules: readonly (CacheRule & { readonly matches: Match })[];

  constructor({ deniedPatterns, cacheRules }: Pick<StaticConfig, "deniedPatterns" | "cacheRules">) {
    this.#isDenied = deniedPatterns.map((pattern) => matcherOf(pattern.toLowerCase()));
    this.#cacheRules = cacheRules.map((rule) => ({ ...rule, matches: matcherOf(rule.pattern) }));
  }

  /** False for hidden names (but `.well-known`) anywhere in the path, and for what the patterns deny. */
  isPublic(path: string): boolean {
    if (path.startsWith(".") || path.includes("/.")) {
      const components = path.split("/");
      if (components.some((name, index) => name.startsWith(".") && (index > 0 || name !== WELL_KNOWN))) return false;
    }
    const lowerCasePath = textOf(path).toLowerCase();
    const name = nameOf(lowerCasePath);
    return !this.#isDenied.some((matches) => matches(lowerCasePath, name));
  }

  cacheControl(path: string): string | null {
    const text = textOf(path);
    const name = nameOf(text);
    return this.#cacheRules.find(({ matches }) => matches(text, name))?.value ?? null;
  }
}

/** The media type of a file by its name's ending, with the charset where it is text. */
export function mediaTypeOf(path: string): string {
  const name = nameOf(path);
  const type = (name.includes(".") ? lookup(name) : undefined) ?? UNKNOWN_TYPE;
  return TEXT_TYPE.test(type) ? `${type};charset=utf-8` : type;
}

function matcherOf(pattern: string): Match {
  const glob = new Bun.Glob(pattern.replace(/^\//, ""));
  return pattern.includes("/") ? (path) => glob.match(path) : (_, name) => glob.match(name);
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** Patterns are written as text. */
function textOf(path: string): string {
  return Buffer.from(path, "latin1").toString("utf8");
}
