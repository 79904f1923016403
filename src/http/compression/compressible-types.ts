/** Content-Type fields whose answer is remembered. */
const REMEMBERED_COUNT_MAX = 256;

/** Which media types are worth compressing. */
export class CompressibleTypes {
  readonly #pattern: RegExp;
  readonly #remembered = new Map<string, boolean>();

  /** @param types as in `CompressionConfig`. */
  constructor(types: readonly string[]) {
    const alternatives = types.map((type) =>
      type
        .split("*")
        .map((text) => RegExp.escape(text))
        .join("[^/]*"),
    );
    this.#pattern = new RegExp(`^(?:${alternatives.join("|")})$`);
  }

  /** @param field the value of Content-Type. */
  has(field: string): boolean {
    let isIncluded = this.#remembered.get(field);
    if (isIncluded === undefined) {
      isIncluded = this.#pattern.test(field.split(";", 1)[0]!.trim().toLowerCase());
      if (this.#remembered.size >= REMEMBERED_COUNT_MAX) this.#remembered.clear();
      this.#remembered.set(field, isIncluded);
    }
    return isIncluded;
  }
}
