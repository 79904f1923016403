/** Cache-Control for the files whose path below the root a pattern matches. */
export interface CacheRule {
  /** A glob such as `assets/**` or `*.html`; one without a slash is matched against the name alone. */
  readonly pattern: string;
  readonly value: string;
}

/** What of a folder is served, and how. */
export interface StaticConfig {
  /** Absolute. It may be a link that is switched from release to release. */
  readonly root: string;
  /** Taken off the front of a request's path; begins with a slash and ends before one. Empty for none. */
  readonly prefix: string;
  /** Names tried in a directory, in order. */
  readonly indexNames: readonly string[];
  /** The file below the root that answers in the place of one that is not there; null for none. */
  readonly fallbackPath: string | null;
  /** Shows what is in a directory without an index. */
  readonly showsListing: boolean;
  /** Siblings (`app.css.br`) that may be sent in place of a file, preferred first. */
  readonly precompressed: readonly ("br" | "zstd" | "gzip")[];
  /** The first that matches counts. */
  readonly cacheRules: readonly CacheRule[];
  /** Globs of what is never served, letter case aside: sources of scripts. */
  readonly deniedPatterns: readonly string[];
  /** Which symbolic links are gone through: those that stay in the root, none, or all. */
  readonly symlinks: "beneath" | "refuse" | "follow";
  /** Memory for small files and for what is known of files, in bytes; 0 keeps nothing. */
  readonly cacheBytesMax: number;
  /** A larger file is read from the disk each time. */
  readonly cachedFileBytesMax: number;
  /** How long what is known of a file counts before the disk is asked again, in milliseconds; 0 asks for each request. */
  readonly revalidateMs: number;
}

/** A folder whose files an app may have sent by naming them. */
export interface SendfileConfig {
  /** What `X-Accel-Redirect` begins with for it; ends before a slash. */
  readonly prefix: string;
  /** Absolute; what `X-Sendfile` begins with for it. */
  readonly directory: string;
}
