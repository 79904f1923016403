import { TOKEN } from "../http/field-rules.ts";

/** One element of Sec-WebSocket-Extensions; names and values as they were written. */
export interface Extension {
  readonly name: string;
  /** In order, duplicates included; the value is `null` for a parameter without one. */
  readonly parameters: readonly (readonly [name: string, value: string | null])[];
}

/**
 * Reads a Sec-WebSocket-Extensions value: `name *( ";" name [ "=" ( token / quoted-string ) ] )`, separated by commas. Several field lines
 * are one list, joined by commas. A quoted value has to be a token, too. RFC 6455 §9.1.
 *
 * @returns `null` when it is malformed.
 */
export function parseExtensions(text: string): readonly Extension[] | null {
  const extensions: Extension[] = [];
  const scanner = new Scanner(text);
  do {
    const name = scanner.takeToken();
    if (name === null) {
      if (scanner.isAt(",") || scanner.isAtEnd) continue; // RFC 9110 §5.6.1.2: empty elements are passed over.
      return null;
    }
    const parameters: (readonly [string, string | null])[] = [];
    while (scanner.take(";")) {
      const parameter = takeParameter(scanner);
      if (parameter === null) return null;
      parameters.push(parameter);
    }
    extensions.push({ name, parameters });
  } while (scanner.take(","));
  return scanner.isAtEnd ? extensions : null;
}

function takeParameter(scanner: Scanner): readonly [string, string | null] | null {
  const name = scanner.takeToken();
  if (name === null) return null;
  if (!scanner.take("=")) return [name, null];
  const isQuoted = scanner.take('"');
  const value = scanner.takeToken();
  if (value === null || (isQuoted && !scanner.take('"'))) return null;
  return [name, value];
}

/** Goes through text, passing over white space before everything it takes. */
class Scanner {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get isAtEnd(): boolean {
    this.#skipSpace();
    return this.#at === this.#text.length;
  }

  isAt(character: string): boolean {
    this.#skipSpace();
    return this.#text[this.#at] === character;
  }

  take(character: string): boolean {
    if (!this.isAt(character)) return false;
    this.#at++;
    return true;
  }

  takeToken(): string | null {
    this.#skipSpace();
    const start = this.#at;
    while (TOKEN[this.#text.charCodeAt(this.#at)] === 1) this.#at++;
    return this.#at === start ? null : this.#text.slice(start, this.#at);
  }

  #skipSpace(): void {
    while (this.#text[this.#at] === " " || this.#text[this.#at] === "\t") this.#at++;
  }
}
