import { chooseCoding, type ContentCoding } from "../../protocols/http/content-coding.ts";
import type { Representation } from "./representation.ts";

/** Bytes of memory that an entry of the cache takes apart from content: fields, stamps, strings. */
const ENTRY_BYTES = 2_048;
const MISSING_BYTES = 256;

/** What a path below the root turned out to be. */
export type Resource = FileResource | DirectoryResource | MissingResource;

/** A file, and its siblings that hold the same in a content coding. */
export class FileResource {
  readonly kind = "file";
  readonly identity: Representation;
  readonly variants: ReadonlyMap<ContentCoding, Representation>;
  readonly #codings: readonly ContentCoding[];

  constructor(identity: Representation, variants: readonly Representation[]) {
    this.identity = identity;
    this.variants = new Map(variants.map((each) => [each.description.coding!, each]));
    this.#codings = [...this.variants.keys()];
  }

  get representations(): readonly Representation[] {
    return [this.identity, ...this.variants.values()];
  }

  get memoryBytes(): number {
    let bytes = 0;
    for (const each of this.representations) bytes += ENTRY_BYTES + (each.bytes?.length ?? 0);
    return bytes;
  }

  /** Whether the answer depends on Accept-Encoding. */
  get hasVariants(): boolean {
    return this.#codings.length > 0;
  }

  select(acceptEncoding: string | null): Representation {
    if (!this.hasVariants) return this.identity;
    const coding = chooseCoding(acceptEncoding, this.#codings);
    return coding === null ? this.identity : this.variants.get(coding)!;
  }
}

/** A directory that has something to show: an index, or a listing. */
export class DirectoryResource {
  readonly kind = "directory";
  readonly path: string;
  /** Path of the index file; `null` for a listing. */
  readonly indexPath: string | null;
  readonly memoryBytes: number = MISSING_BYTES;

  constructor(path: string, indexPath: string | null) {
    this.path = path;
    this.indexPath = indexPath;
  }
}

/** Nothing that is served. */
export class MissingResource {
  readonly kind = "missing";
  readonly memoryBytes: number = MISSING_BYTES;
}
