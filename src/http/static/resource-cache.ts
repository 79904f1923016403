import type { Resource } from "./resource.ts";

/** A resource and how long it has been known. */
interface Entry {
  resource: Resource;
  checkedAtMs: number;
  bytes: number;
  /** Asked for since the sweep last came by. */
  isUsed: boolean;
}

/**
 * What is known of paths, bounded by the memory it takes. Second chance (CLOCK) instead of least recently used: a hit writes one flag.
 *
 * Invariant: `bytes` is the sum of its entries', and at most the limit after each call.
 */
export class ResourceCache {
  readonly #bytesMax: number;
  readonly #entries = new Map<string, Entry>();
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get count(): number {
    return this.#entries.size;
  }

  /** What is known of `path` since after `sinceMs`; `null` when that is nothing. */
  get(path: string, sinceMs: number): Resource | null {
    const entry = this.#entries.get(path);
    if (entry === undefined || entry.checkedAtMs <= sinceMs) return null;
    entry.isUsed = true;
    return entry.resource;
  }

  /** What was known of `path` at any time. */
  peek(path: string): Resource | null {
    return this.#entries.get(path)?.resource ?? null;
  }

  set(path: string, resource: Resource, checkedAtMs: number): void {
    this.delete(path);
    const bytes = resource.memoryBytes + path.length;
    if (bytes > this.#bytesMax) return;
    this.#entries.set(path, { resource, checkedAtMs, bytes, isUsed: false });
    this.#bytes += bytes;
    this.#sweep();
  }

  /** The content of `resource` has come into memory, or gone. Nothing happens when it is not the one that is known any more. */
  resize(path: string, resource: Resource): void {
    const entry = this.#entries.get(path);
    if (entry?.resource !== resource) return;
    const { checkedAtMs } = entry;
    this.set(path, resource, checkedAtMs);
  }

  delete(path: string): void {
    const entry = this.#entries.get(path);
    if (entry === undefined) return;
    this.#entries.delete(path);
    this.#bytes -= entry.bytes;
  }

  clear(): void {
    this.#entries.clear();
    this.#bytes = 0;
  }

  /** From the oldest on: who was asked for goes to the back once, who was not goes. */
  #sweep(): void {
    while (this.#bytes > this.#bytesMax) {
      for (const [path, entry] of this.#entries) {
        if (this.#bytes <= this.#bytesMax) return;
        this.#entries.delete(path);
        if (entry.isUsed) {
          entry.isUsed = false;
          this.#entries.set(path, entry);
        } else {
          this.#bytes -= entry.bytes;
        }
      }
    }
  }
}
