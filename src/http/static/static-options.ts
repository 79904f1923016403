import type { SymlinkPolicy } from "../../kernel/root-directory.ts";
import type { ContentCoding } from "../../protocols/http/content-coding.ts";

/** Cache-Control for the files whose path below the root a pattern matches. */
export interface CacheRule {
  /** A glob such as `assets/**` or `*.html`; one without a slash is matched against the name alone. */
  readonly pattern: string;
  readonly value: string;
}

/** What a static site serves, and how. */
export interface StaticSiteOptions {
  /** Absolute. It may be a link that is switched from release to release. */
  readonly root: string;
  /** Taken off the front of a request's path; ends before a slash. Empty for none. */
  readonly prefix: string;
  /** Names tried in a directory, in order. */
  readonly indexNames: readonly string[];
  /** Shows what is in a directory without an index. */
  readonly showsListing: boolean;
  /** Siblings (`app.css.br`) that may be sent in place of a file, preferred first. */
  readonly precompressed: readonly ContentCoding[];
  /** The first that matches counts. */
  readonly cacheRules: readonly CacheRule[];
  /** Globs of what is never served, letter case aside: sources of scripts. */
  readonly deniedPatterns: readonly string[];
  readonly symlinks: SymlinkPolicy;
  /** Memory for small files and for what is known of files, in bytes; 0 keeps nothing. */
  readonly cacheBytesMax: number;
  /** A larger file is read from the disk each time. */
  readonly cachedFileBytesMax: number;
  /** How long what is known of a file counts before the disk is asked again, in milliseconds; 0 asks for each request. */
  readonly revalidateMs: number;
}
