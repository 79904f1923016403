import { type FieldList, fieldListOf, hasField, plainFieldList } from "./field-list.ts";
import { PLATFORM, standIn } from "./stand-in.ts";

/** The platform's own, before a worker replaces its constructor. */
const PlatformResponse: typeof Response = globalThis.Response;

/** The type of text where nothing else is said: Fetch standard §6.2. */
export const TEXT_TYPE = "text/plain;charset=UTF-8";

/** With these there is no body. Fetch standard §2.2.3. */
const BODILESS = new Set([204, 205, 304]);

/**
 * A response that is made of text, to the app a `Response`. Most are made, returned and never looked at, and to make the platform's object and
 * to take it apart again cost a worker a quarter of its time: it is made when somebody asks for what only it has.
 * docs/decisions/0028-responses-of-text-are-made-late.md
 */
class TextResponse {
  readonly #text: string;
  readonly #status: number;
  readonly #fields: FieldList;
  #platform: Response | null = null;

  constructor(text: string, status: number, fields: FieldList) {
    this.#text = text;
    this.#status = status;
    this.#fields = fields;
  }

  static from(text: string, init: ResponseInit | undefined, type: string): TextResponse | null {
    const typeField = ["Content-Type", type] as const;
    if (init === undefined) return new TextResponse(text, 200, [typeField]);
    if (typeof init !== "object" || init === null) return null;
    const { status = 200, statusText = "", headers = {} } = init;
    const isPlain = statusText === "" && Number.isInteger(status) && status >= 200 && status < 600;
    const fields = isPlain && !BODILESS.has(status) ? plainFieldList(headers) : null;
    if (fields === null) return null;
    return new TextResponse(text, status, hasField(fields, "Content-Type") ? fields : [...fields, typeField]);
  }

  static textOf(this: void, response: object): string | null {
    return #text in response && response.#platform?.bodyUsed !== true ? response.#text : null;
  }

  static fieldsOf(this: void, response: Response): FieldList {
    return #fields in response && response.#platform === null ? response.#fields : fieldListOf(response.headers);
  }

  get status(): number {
    return this.#status;
  }

  get ok(): boolean {
    return this.#status < 300;
  }

  get [PLATFORM](): Response {
    if (this.#platform === null) {
      const headers = new Headers();
      for (const [name, value] of this.#fields) for (const each of [value].flat()) headers.append(name, each);
      this.#platform = new PlatformResponse(this.#text, { status: this.#status, headers });
    }
    return this.#platform;
  }

  /** How the consoles of both platforms show it. */
  [Symbol.for("nodejs.util.inspect.custom")](): Response {
    return this[PLATFORM];
  }
}

standIn(TextResponse.prototype, PlatformResponse.prototype);

/**
 * What `new Response(text, init)` is, made late; `null` where the platform has to judge what it was given.
 *
 * @param type the text's, unless `init` has another.
 */
export function lazyResponse(text: string, init: ResponseInit | undefined, type: string = TEXT_TYPE): Response | null {
  return TextResponse.from(text, init, type) as Response | null;
}

/** The text that the body of `response` consists of; `null` where that is not known, or it has been read. */
export const textOf: (response: Response) => string | null = TextResponse.textOf;

/** The fields of a response as they are now. */
export const fieldsOf: (response: Response) => FieldList = TextResponse.fieldsOf;
