/** What stands in the place of a secret. */
export const MASKED = "***";

/** `https://user:password@`. */
const USER_INFO = /^([A-Za-z][A-Za-z0-9+.-]*:\/\/)[^/?#@]*@/;

/** Takes secrets out of what requests say, by the names they go by. */
export class SecretsMask {
  readonly #queryNames: ReadonlySet<string>;
  readonly #headerNames: ReadonlySet<string>;
  /** Finds a query that has one of the names as it stands; one that is encoded in part has a `%` or `+`. */
  readonly #suspicious: RegExp | null;

  /** @param names in lower case. */
  constructor(names: { readonly queryNames: readonly string[]; readonly headerNames: readonly string[] }) {
    this.#queryNames = new Set(names.queryNames);
    this.#headerNames = new Set(names.headerNames);
    const quoted = names.queryNames.map((name) => name.replace(/[^a-z0-9]/g, "\\$&"));
    this.#suspicious = quoted.length === 0 ? null : new RegExp(`(?:^|[?&;#])(?:${quoted.join("|")})[=[]|[%+]`, "i");
  }

  hasHeader(lowerCaseName: string): boolean {
    return this.#headerNames.has(lowerCaseName);
  }

  /** False when `query` leaves this text as it is, for certain. */
  mayHideIn(query: string): boolean {
    return this.#suspicious?.test(query) === true;
  }

  /** A query without its `?`. */
  query(text: string): string {
    if (!this.mayHideIn(text)) return text;
    return text
      .split(/([&;#?])/)
      .map((pair) => this.#maskPair(pair))
      .join("");
  }

  /** A target, a path with its query, or a whole URL: the query and the fragment behind it may have secrets, and so has user information. */
  url(text: string): string {
    const end = text.search(/[?#]/);
    const head = (end === -1 ? text : text.slice(0, end)).replace(USER_INFO, `$1${MASKED}@`);
    return end === -1 ? head : head + text.charAt(end) + this.query(text.slice(end + 1));
  }

  #maskPair(pair: string): string {
    const at = pair.indexOf("=");
    if (at === -1 || !this.#isSecret(pair.slice(0, at))) return pair;
    return `${pair.slice(0, at)}=${MASKED}`;
  }

  /** PHP's `password[new]` is a `password`, too. */
  #isSecret(name: string): boolean {
    const [plain = ""] = decode(name).toLowerCase().split("[", 1);
    return this.#queryNames.has(plain.trim());
  }
}

/** What cannot be decoded is a name as it stands. */
function decode(name: string): string {
  try {
    return decodeURIComponent(name.replaceAll("+", " "));
  } catch {
    return name;
  }
}
