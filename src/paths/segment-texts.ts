interface Slot<Value> {
  readonly hash: number;
  readonly text: string;
  readonly value: Value;
  readonly next: Slot<Value> | null;
}

/**
 * Values by texts, found by a part of a longer text without cutting it out: a hash that is made while the part is read takes the place of
 * a string. Texts come from the configuration, so nobody who sends paths decides how many of them collide.
 */
export class SegmentTexts<Value> {
  #slots: (Slot<Value> | null)[] = [null];
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** For a text that is not there yet. */
  add(text: string, value: Value): void {
    this.#count++;
    if (this.#count * 2 > this.#slots.length) this.#grow();
    this.#insert(hashOf(text), text, value);
  }

  get(text: string): Value | null {
    return this.find(hashOf(text), text, 0, text.length);
  }

  /** The value of `path[start, end)`, whose characters `hashCharacter` has been given in order. */
  find(hash: number, path: string, start: number, end: number): Value | null {
    const slots = this.#slots;
    for (let slot = slots[hash & (slots.length - 1)] ?? null; slot !== null; slot = slot.next) {
      if (slot.hash === hash && slot.text.length === end - start && path.startsWith(slot.text, start))
        return slot.value;
    }
    return null;
  }

  #grow(): void {
    const before = this.#slots;
    this.#slots = Array.from({ length: before.length * 2 }, () => null);
    for (const first of before) {
      for (let slot = first; slot !== null; slot = slot.next) this.#insert(slot.hash, slot.text, slot.value);
    }
  }

  #insert(hash: number, text: string, value: Value): void {
    const index = hash & (this.#slots.length - 1);
    this.#slots[index] = { hash, text, value, next: this.#slots[index] ?? null };
  }
}

/** The hash of a text with one more character; that of the empty text is 0. */
export function hashCharacter(hash: number, code: number): number {
  return (Math.imul(hash, 31) + code) | 0;
}

function hashOf(text: string): number {
  let hash = 0;
  for (let at = 0; at < text.length; at++) hash = hashCharacter(hash, text.charCodeAt(at));
  return hash;
}
