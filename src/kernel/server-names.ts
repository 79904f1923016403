/** Whether a name can be given to {@link ServerNames}: a host name, or `*.` and a host name. IP addresses are never asked for by SNI. */
const SERVER_NAME =
  /^(?:\*\.)?(?=.{1,253}$)[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*$/;

/**
 * Finds what belongs to the name a client asks for: the exact name before a wildcard, and a wildcard stands for exactly one label (RFC 9525
 * §6.3). Of several entries for one name the first counts.
 */
export class ServerNames<Value> {
  readonly #exact = new Map<string, Value>();
  /** By what follows the star and its dot. */
  readonly #wildcard = new Map<string, Value>();

  static isName(name: string): boolean {
    return SERVER_NAME.test(name.toLowerCase());
  }

  add(name: string, value: Value): void {
    const lower = name.toLowerCase();
    const [names, key] = lower.startsWith("*.") ? [this.#wildcard, lower.slice(2)] : [this.#exact, lower];
    if (!names.has(key)) names.set(key, value);
  }

  /** Returns `undefined` when nothing fits. */
  find(name: string): Value | undefined {
    const lower = name.toLowerCase();
    const exact = this.#exact.get(lower);
    if (exact !== undefined || this.#wildcard.size === 0) return exact;
    const dot = lower.indexOf(".");
    return dot <= 0 ? undefined : this.#wildcard.get(lower.slice(dot + 1));
  }
}
