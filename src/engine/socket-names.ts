/** What tells the sockets of one front apart from those of every other, before and after it: 32 random bits in hexadecimal. */
const PREFIX_LENGTH = 8;

/**
 * Names sockets for workers, which may keep a name wherever they like: it is never used again, not by a later front either, so what is sent
 * to it late reaches nobody.
 */
export class SocketNames {
  readonly #prefix = `${crypto.randomUUID().slice(0, PREFIX_LENGTH)}-`;

  /** @param number a positive safe integer. */
  nameOf(number: number): string {
    return this.#prefix + number;
  }

  /** The number that the name was made of; -1 for a name that is none of this front's. */
  numberOf(name: string): number {
    if (!name.startsWith(this.#prefix)) return -1;
    const digits = name.slice(this.#prefix.length);
    return /^[1-9][0-9]{0,14}$/.test(digits) ? Number(digits) : -1;
  }
}
