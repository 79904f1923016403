/**
 * What is kept for hosts: exact names before `*.example.org`, the longest of those first, and before what is for any host. Letter case,
 * a port and the dot at the end of a name do not count.
 */
export class HostTable<Entry> {
  readonly #exact = new Map<string, Entry>();
  /** By the name behind the star and its dot. */
  readonly #below = new Map<string, Entry>();
  readonly #any: Entry;
  readonly #create: () => Entry;

  constructor(create: () => Entry) {
    this.#create = create;
    this.#any = create();
  }

  /** True when all hosts are one: then nobody has to look at the host. */
  get isUniform(): boolean {
    return this.#exact.size === 0 && this.#below.size === 0;
  }

  get any(): Entry {
    return this.#any;
  }

  /** The entry of a pattern in lower case; made where there is none yet. */
  entryOf(pattern: string): Entry {
    const isBelow = pattern.startsWith("*.");
    const entries = isBelow ? this.#below : this.#exact;
    const name = isBelow ? pattern.slice(2) : pattern;
    const entry = entries.get(name) ?? this.#create();
    entries.set(name, entry);
    return entry;
  }

  /** The entries for a host, the most specific first, the one for any host last. */
  *entriesFor(authority: string): Iterable<Entry> {
    const host = hostOf(authority);
    const exact = this.#exact.get(host);
    if (exact !== undefined) yield exact;
    if (this.#below.size > 0) {
      for (let dot = host.indexOf("."); dot !== -1; dot = host.indexOf(".", dot + 1)) {
        const below = dot === 0 ? undefined : this.#below.get(host.slice(dot + 1));
        if (below !== undefined) yield below;
      }
    }
    yield this.#any;
  }
}

/** The name or address in an authority, as hosts are compared; brackets around IPv6 stay. */
export function hostOf(authority: string): string {
  const host = authority.replace(/:\d*$/, "");
  return (host.includes("%") ? decoded(host) : host).replace(/\.$/, "").toLowerCase();
}

/** What apps read out of a URL with an encoded name: it must be the same host to them and to routes. */
function decoded(host: string): string {
  const url = `http://${host}`;
  return URL.canParse(url) ? new URL(url).hostname : host;
}
