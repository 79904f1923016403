/** 32 random bits in hexadecimal. */
const PREFIX_LENGTH = 8;

/** What tells the sockets of one front apart from those of every other, before, beside and after it. */
export function makeSocketPrefix(): string {
  return `${crypto.randomUUID().slice(0, PREFIX_LENGTH)}-`;
}

/**
 * Names sockets for workers, which may keep a name wherever they like: it is never used again, not by a later front either, so what is sent
 * to it late reaches nobody.
 */
export class SocketNames {
  readonly #prefix: string;
  #numberLast = 0;

  /** @param prefix of {@link makeSocketPrefix}. */
  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  /** A number for the next socket, of whatever app, from 1. */
  nextNumber(): number {
    return ++this.#numberLast;
  }

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
