/** What a template may name beside the parameters of its route's path, which win where they have the same name. */
export const REQUEST_WORDS = ["scheme", "host", "path", "query"] as const;

/** One of {@link REQUEST_WORDS}. */
export type RequestWord = (typeof REQUEST_WORDS)[number];

/** What the words of a template stand for in one request, as they are to appear: none of them has a control character. */
export interface TemplateValues {
  /** What the path has for a parameter, as `readPath` left it; undefined for one that the route does not have. */
  parameter(name: string): string | undefined;
  word(word: RequestWord): string;
}

/**
 * A target with words in braces: `/users/{id}`, `https://{host}/shop/{rest}`. A parameter is percent-encoded as it is put in, a slash in
 * what takes the rest of a path left as it is, so that a request can fill its place and nothing beyond.
 */
export class TargetTemplate {
  /** Texts at even places, names at odd ones. */
  readonly #parts: readonly string[];

  constructor(text: string) {
    this.#parts = text.split(/\{([A-Za-z_][A-Za-z0-9_]*)\}/);
  }

  /** The words and parameters it names. */
  get names(): readonly string[] {
    return this.#parts.filter((_, index) => index % 2 === 1);
  }

  /** True where it says what query there is to be: then the request's own does not go along by itself. */
  get hasQuery(): boolean {
    return this.#parts.some((part, index) => index % 2 === 0 && part.includes("?"));
  }

  render(values: TemplateValues): string {
    let target = "";
    for (const [index, part] of this.#parts.entries()) {
      if (index % 2 === 0) {
        target += part;
        continue;
      }
      const parameter = values.parameter(part);
      if (parameter !== undefined) target += encodePathText(parameter);
      else if (isRequestWord(part)) target += values.word(part);
    }
    return target;
  }
}

/** Percent-encodes a part of a path that `readPath` has read: slashes stay, and what was kept encoded is so again. */
export function encodePathText(part: string): string {
  return encodeURIComponent(part).replaceAll("%2F", "/").replaceAll("%00", "%2F");
}

function isRequestWord(name: string): name is RequestWord {
  return (REQUEST_WORDS as readonly string[]).includes(name);
}
