import { isText } from "../http/octet-text.ts";

/**
 * Where the values of a request's pseudo-header fields are in its section's text (RFC 9113 §8.3.1, `:protocol` RFC 8441 §4). A value that is
 * not there, and one that is there and empty, are told apart by `has…`.
 */
export class PseudoFields {
  methodStart = 0;
  methodEnd = 0;
  schemeStart = 0;
  schemeEnd = 0;
  pathStart = 0;
  pathEnd = 0;
  protocolStart = 0;
  protocolEnd = 0;
  /** Of `:authority`, or of Host where there is none. */
  authorityStart = 0;
  authorityEnd = 0;
  hasMethod = false;
  hasScheme = false;
  hasPath = false;
  hasProtocol = false;
  hasAuthority = false;
  hasHost = false;
  readonly #allowsProtocol: boolean;

  constructor(allowsProtocol: boolean) {
    this.#allowsProtocol = allowsProtocol;
  }

  clear(): void {
    this.methodStart = this.methodEnd = this.schemeStart = this.schemeEnd = this.pathStart = this.pathEnd = 0;
    this.protocolStart = this.protocolEnd = this.authorityStart = this.authorityEnd = 0;
    this.hasMethod = this.hasScheme = this.hasPath = this.hasProtocol = this.hasAuthority = this.hasHost = false;
  }

  /** Octets of method and path together. */
  get requestLineBytes(): number {
    return this.methodEnd - this.methodStart + this.pathEnd - this.pathStart;
  }

  /** Takes the field named at `[nameStart, valueStart)`; returns false when it is none of a request's, or the second of its kind. */
  take(bytes: Buffer, nameStart: number, valueStart: number, valueEnd: number): boolean {
    const isNamed = (name: string): boolean => isText(bytes, nameStart, valueStart, name);
    // Names are told by the octet behind the colon, values are looked at by whoever knows what they mean.
    switch (bytes[nameStart + 1]) {
      case 0x6d: // m
        if (this.hasMethod || !isNamed(":method")) return false;
        this.hasMethod = true;
        this.methodStart = valueStart;
        this.methodEnd = valueEnd;
        return true;
      case 0x73: // s
        if (this.hasScheme || !isNamed(":scheme")) return false;
        this.hasScheme = true;
        this.schemeStart = valueStart;
        this.schemeEnd = valueEnd;
        return true;
      case 0x61: // a
        if (this.hasAuthority || !isNamed(":authority")) return false;
        this.hasAuthority = true;
        this.authorityStart = valueStart;
        this.authorityEnd = valueEnd;
        return true;
      case 0x70: // p
        return this.#takePathOrProtocol(bytes, nameStart, valueStart, valueEnd);
      default:
        return false;
    }
  }

  /** Host stands in for an `:authority` that is not there. */
  setHost(start: number, end: number): void {
    this.hasHost = true;
    this.authorityStart = start;
    this.authorityEnd = end;
  }

  #takePathOrProtocol(bytes: Buffer, nameStart: number, valueStart: number, valueEnd: number): boolean {
    if (isText(bytes, nameStart, valueStart, ":path")) {
      if (this.hasPath) return false;
      this.hasPath = true;
      this.pathStart = valueStart;
      this.pathEnd = valueEnd;
      return true;
    }
    if (this.hasProtocol || !this.#allowsProtocol || !isText(bytes, nameStart, valueStart, ":protocol")) return false;
    this.hasProtocol = true;
    this.protocolStart = valueStart;
    this.protocolEnd = valueEnd;
    return true;
  }
}
