import type { CompressionConfig } from "../../config/compression-config.ts";
import type { FieldBlock } from "../../protocols/http/field-block.ts";
import { listHasToken } from "../../protocols/http/octet-text.ts";
import { CompressibleTypes } from "./compressible-types.ts";

/** What the compressed answers of one app or route share: what is worth it, and what it may cost. */
export class Compression {
  readonly config: CompressionConfig;
  readonly #types: CompressibleTypes;
  #jobCount = 0;
  #streamCount = 0;

  constructor(config: CompressionConfig) {
    this.config = config;
    this.#types = new CompressibleTypes(config.types);
  }

  get jobCount(): number {
    return this.#jobCount;
  }

  get streamCount(): number {
    return this.#streamCount;
  }

  /**
   * Whether content is worth compressing for a client that takes it.
   *
   * Left as it is: what is encoded already, a part of a whole (206), what says `no-transform` (RFC 9110 §7.7), other types, and what is short.
   *
   * @param byteLength -1 when it is not known.
   */
  isWorthwhile(status: number, fields: FieldBlock, byteLength: number): boolean {
    if (status < 200 || status === 204 || status === 205 || status === 206 || status === 304) return false;
    if (byteLength >= 0 && byteLength < this.config.bytesMin) return false;
    const type = fields.get("content-type");
    if (type === null || !this.#types.has(type)) return false;
    return fields.find("content-encoding", 0) === -1 && fields.find("content-range", 0) === -1 && !isFixed(fields);
  }

  /** Takes a place among the large answers that are compressed at once. */
  takeJob(): boolean {
    if (this.#jobCount >= this.config.jobCountMax) return false;
    this.#jobCount++;
    return true;
  }

  returnJob(): void {
    this.#jobCount--;
  }

  /** Takes a place among the streamed answers that are compressed at once. */
  takeStream(): boolean {
    if (this.#streamCount >= this.config.streamCountMax) return false;
    this.#streamCount++;
    return true;
  }

  returnStream(): void {
    this.#streamCount--;
  }
}

/** RFC 9111 §5.2.2.6. */
function isFixed(fields: FieldBlock): boolean {
  for (let at = fields.find("cache-control", 0); at !== -1; at = fields.find("cache-control", at + 1)) {
    if (listHasToken(fields.bytes, fields.valueStart(at), fields.valueEnd(at), "no-transform")) return true;
  }
  return false;
}
