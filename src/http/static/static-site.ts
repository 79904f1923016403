import { closeSync, type Dirent, read, readdirSync } from "node:fs";

import type { ContentCoding } from "../../protocols/http/content-coding.ts";
import type { OwnField } from "../../protocols/http/field-list.ts";
import type { Logger } from "../../telemetry/logger.ts";
import type { FileSource } from "./file-answer.ts";
import { FileRules, mediaTypeOf } from "./file-rules.ts";
import { type FileStamp, inspect, isSameStamp, isSettled } from "./file-stamp.ts";
import { OpenFile } from "./open-file.ts";
import { type FileDescription, Representation } from "./representation.ts";
import { DirectoryResource, FileResource, MissingResource, type Resource } from "./resource.ts";
import { ResourceCache } from "./resource-cache.ts";
import { ServedRoot } from "./served-root.ts";
import type { StaticConfig } from "../../config/static-config.ts";

const MISSING = new MissingResource();

const SUFFIX: Readonly<Record<ContentCoding, string>> = { br: ".br", zstd: ".zst", gzip: ".gz" };

/** What a listing shows of an entry. */
export interface ListedEntry {
  readonly name: string;
  readonly isDirectory: boolean;
}

/** Files being read into memory at once; what more are asked for meanwhile are sent in pieces. */
const LOAD_COUNT_MAX = 16;

/**
 * The files below one root: what a path is, and its bytes. What it has found counts for `revalidateMs`.
 *
 * Invariant: only regular files below the root that the rules call public are ever opened for their bytes.
 */
export class StaticSite implements FileSource, Disposable {
  readonly options: StaticConfig;
  readonly #rules: FileRules;
  readonly #cache: ResourceCache;
  readonly #root: ServedRoot;
  #loadCount = 0;

  constructor(options: StaticConfig, log: Logger) {
    this.options = options;
    this.#rules = new FileRules(options);
    this.#cache = new ResourceCache(options.cacheBytesMax);
    this.#root = new ServedRoot(options, { log, onReplaced: () => this.#cache.clear() });
  }

  /** Bytes of memory that files and what is known of them take. */
  get cachedBytes(): number {
    return this.#cache.bytes;
  }

  /**
   * What is known of a name without looking at the disk; `null` when that is nothing, or too old. For names that need no decoding: those
   * that a request spells with escapes are another's.
   */
  recall(name: string): Resource | null {
    // Not the wall clock: one that is set back would keep what is gone.
    return this.#cache.get(name, performance.now() - this.options.revalidateMs);
  }

  /**
   * What a name below the root is (see `RequestPath`).
   *
   * @param nowMs the wall clock's, as files have it.
   */
  find(name: string, nowMs: number): Resource {
    const known = this.recall(name);
    if (known !== null) return known;
    if (!this.#rules.isPublic(name)) return MISSING;
    const resource = this.#look(name, nowMs);
    this.#cache.set(name, resource, performance.now());
    return resource;
  }

  /**
   * Opens a file for its bytes. The state it is in now may be another than that which was found.
   *
   * @returns `null` when it is gone.
   */
  open(found: Representation, nowMs: number): OpenFile | null {
    const opened = this.#root.openFile(found.description.path);
    if (opened === null) return null;
    const isSame = isSameStamp(opened.stamp, found.stamp);
    return new OpenFile(opened.fd, isSame ? found : new Representation(found.description, opened.stamp, nowMs));
  }

  /** Whether to read a file into memory now. One that is too young might change without a trace. */
  isLoadable({ byteLength, isSettled: isOld, isLoading }: Representation): boolean {
    const { cachedFileBytesMax, cacheBytesMax } = this.options;
    if (!isOld || isLoading || this.#loadCount >= LOAD_COUNT_MAX) return false;
    return byteLength <= cachedFileBytesMax && byteLength < cacheBytesMax;
  }

  /**
   * Reads an open file into memory, off the event loop, where it is kept for whoever asks next. Takes the file over.
   *
   * @param onLoaded called with its bytes; `null` when the file turned out to be another while it was read.
   */
  load(file: OpenFile, onLoaded: (bytes: Buffer | null) => void): void {
    const { representation } = file;
    const { byteLength, stamp } = representation;
    const bytes = Buffer.allocUnsafeSlow(byteLength);
    representation.isLoading = true;
    this.#loadCount++;
    let filled = 0;
    const step = (error: Error | null, count: number): void => {
      filled += count;
      if (error === null && count > 0 && filled < byteLength) {
        read(file.fd, bytes, filled, byteLength - filled, filled, step);
        return;
      }
      representation.isLoading = false;
      this.#loadCount--;
      const isWhole = error === null && filled === byteLength && isSameStamp(inspect(file.fd).stamp, stamp);
      file[Symbol.dispose]();
      if (isWhole) this.#keep(representation, bytes);
      onLoaded(isWhole ? bytes : null);
    };
    read(file.fd, bytes, 0, byteLength, 0, step);
  }

  /**
   * What is served of a directory, in no order. Read at once, as a whole: listings are for directories that a person looks through.
   *
   * @returns at most `countMax` entries; `null` when it is gone.
   */
  list(directory: string, nowMs: number, countMax: number): readonly ListedEntry[] | null {
    const fd = this.#root.openAny(directory);
    if (fd === null) return null;
    const prefix = directory === "" ? "" : `${directory}/`;
    const listed: ListedEntry[] = [];
    try {
      for (const entry of readdirSync(`/proc/self/fd/${fd}`, { withFileTypes: true })) {
        if (listed.length === countMax) break;
        const path = prefix + Buffer.from(entry.name).toString("latin1");
        if (!this.#rules.isPublic(path)) continue;
        const kind = entry.isSymbolicLink() ? this.find(path, nowMs).kind : kindOf(entry);
        if (kind !== "missing") listed.push({ name: entry.name, isDirectory: kind === "directory" });
      }
    } catch {
      return null; // No directory any more, or not for us.
    } finally {
      closeSync(fd);
    }
    return listed;
  }

  [Symbol.dispose](): void {
    this.#root[Symbol.dispose]();
    this.#cache.clear();
  }

  #keep(representation: Representation, bytes: Buffer): void {
    representation.bytes = bytes;
    const { path, coding } = representation.description;
    const owner = coding === null ? path : path.slice(0, -SUFFIX[coding].length);
    const resource = this.#cache.peek(owner);
    // Found anew meanwhile, or no longer known: whoever asked has the bytes, nobody else will.
    if (resource?.kind === "file" && resource.representations.includes(representation)) {
      this.#cache.resize(owner, resource);
    }
  }

  #look(name: string, nowMs: number): Resource {
    const fd = this.#root.openAny(name);
    if (fd === null) return MISSING;
    const { kind, stamp } = inspect(fd);
    closeSync(fd);
    switch (kind) {
      case "file":
        return this.#describe(name, stamp, nowMs);
      case "directory":
        return this.#lookIn(name, nowMs);
      case "other":
        return MISSING;
    }
  }

  #lookIn(directory: string, nowMs: number): Resource {
    const prefix = directory === "" ? "" : `${directory}/`;
    for (const indexName of this.options.indexNames) {
      const path = `${prefix}${indexName}`;
      if (this.find(path, nowMs).kind === "file") return new DirectoryResource(directory, path);
    }
    return this.options.showsListing ? new DirectoryResource(directory, null) : MISSING;
  }

  #describe(path: string, stamp: FileStamp, nowMs: number): FileResource {
    const siblings = this.#siblings(path);
    const cacheControl = this.#rules.cacheControl(path);
    const fields: OwnField[] = [];
    if (cacheControl !== null) fields.push(["Cache-Control", cacheControl]);
    if (siblings.length > 0) fields.push(["Vary", "Accept-Encoding"]);
    const contentFields: OwnField[] = [["Content-Type", mediaTypeOf(path)]];
    const known = this.#cache.peek(path);
    const make = (description: FileDescription, current: FileStamp): Representation =>
      sameAs(known, description, current, nowMs) ?? new Representation(description, current, nowMs);
    const variants = siblings.map(({ coding, path: sibling, stamp: current }) =>
      make({ path: sibling, coding, contentFields, fields }, current),
    );
    return new FileResource(make({ path, coding: null, contentFields, fields }, stamp), variants);
  }

  #siblings(path: string): { coding: ContentCoding; path: string; stamp: FileStamp }[] {
    return this.options.precompressed.flatMap((coding) => {
      const sibling = path + SUFFIX[coding];
      const opened = this.#root.openFile(sibling);
      if (opened === null) return [];
      closeSync(opened.fd);
      return [{ coding, path: sibling, stamp: opened.stamp }];
    });
  }
}

/** Of what is no link. */
function kindOf(entry: Dirent): Resource["kind"] {
  if (entry.isDirectory()) return "directory";
  return entry.isFile() ? "file" : "missing";
}

/** What is known already, its content in memory included, when nothing has changed. */
function sameAs(
  known: Resource | null,
  description: FileDescription,
  stamp: FileStamp,
  nowMs: number,
): Representation | null {
  if (known?.kind !== "file") return null;
  const before = description.coding === null ? known.identity : known.variants.get(description.coding);
  if (before === undefined || !isSameStamp(before.stamp, stamp)) return null;
  if (before.isSettled !== isSettled(stamp, nowMs)) return null;
  // Siblings have come or gone: Vary says so.
  return before.description.fields.length === description.fields.length ? before : null;
}
