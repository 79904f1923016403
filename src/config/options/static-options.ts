import * as v from "valibot";

import { DAY_MS, GIB, KIB, MIB, SECOND_MS } from "../types/bounds.ts";
import { listOf } from "../types/list-type.ts";
import type { FieldOption, Option, OptionMap, Section } from "./option.ts";
import { boolean, choice, type OptionType, text } from "../types/option-type.ts";
import { byteSize, duration } from "../types/quantity.ts";
import type { StaticConfig } from "../static-config.ts";

const NAME = /^(?!\.{1,2}$)[^/\p{Cc}]{1,255}$/u;
const GLOB = /^[^\p{Cc}]{1,512}$/u;

const codingNames = listOf({
  isItem: (word) => /^(?:br|zstd|gzip)$/.test(word),
  allowed: "a list of br, zstd and gzip",
});

/** Content codings, in the order in which they are preferred. */
export const codingListType: OptionType<readonly ("br" | "zstd" | "gzip")[]> = {
  ...codingNames,
  schema: v.pipe(
    codingNames.schema,
    v.transform((words) => [...new Set(words)] as ("br" | "zstd" | "gzip")[]),
  ),
};

/** What a folder of static files is served as. The same keys stand in an app, whose files go before it, and in a route. */
export interface StaticFields {
  readonly root: Option<string | null>;
  readonly index: Option<readonly string[]>;
  readonly stripPrefix: Option<string | null>;
  readonly fallback: Option<string | null>;
  readonly listing: Option<boolean>;
  readonly precompressed: Option<StaticConfig["precompressed"]>;
  readonly cacheControl: OptionMap;
  readonly deny: Option<readonly string[]>;
  readonly symlinks: Option<StaticConfig["symlinks"]>;
  readonly cacheSize: Option<number>;
  readonly cacheFileSize: Option<number>;
  readonly revalidate: Option<number>;
}

export const staticFields: StaticFields = {
  root: {
    kind: "value",
    key: "static.root",
    type: text({ allowed: "the path of a directory" }),
    default: null,
    defaultRule: "none, no files are served",
    summary:
      "The folder whose files are served. In an app they go before it: what is no file is the app's, and so is every method but `GET` and `HEAD`. In a route they are all there is. Relative paths start at the current directory. The folder may be a link that is switched from release to release.",
    guards:
      "Whatever is outside of it: `..`, encoded slashes, and links that lead out are no way there, for the kernel resolves each path below the folder as one step.",
    replaces: "front",
  },
  index: {
    kind: "value",
    key: "static.index",
    type: listOf({ isItem: (name) => NAME.test(name), allowed: "a list of file names" }),
    default: ["index.html"],
    summary: "Names that are tried in a directory, in order. A directory is sent on to its path with a slash.",
    replaces: "front",
  },
  stripPrefix: {
    kind: "value",
    key: "static.strip_prefix",
    type: text({ pattern: /^(?:\/[^/\s?#]+)+$/, lengthMax: 1_024, allowed: "a path that ends before a slash" }),
    default: null,
    defaultRule: "none, the whole path is looked for below the root",
    summary:
      "Taken off the front of the path, so that `/assets/app.css` is `app.css` below the root with `/assets`. A path that does not begin with it is no file.",
    replaces: "front",
  },
  fallback: {
    kind: "value",
    key: "static.fallback",
    type: text({ pattern: /^\/?[^/\p{Cc}][^\p{Cc}]*$/u, allowed: "the path of a file below the root" }),
    default: null,
    defaultRule: "none",
    summary:
      "The file that answers `GET` and `HEAD` in the place of one that is not there: `index.html`, for an application that routes in the browser.",
    replaces: "front",
  },
  listing: {
    kind: "value",
    key: "static.listing",
    type: boolean(),
    default: false,
    summary: "Shows what is in a directory that has no index.",
    guards: "Names that nobody meant to publish: it is off unless asked for.",
    replaces: "front",
  },
  precompressed: {
    kind: "value",
    key: "static.precompressed",
    type: codingListType,
    default: ["br", "zstd", "gzip"],
    summary:
      "Siblings that are sent in the place of a file to clients that take them: `app.css.br`, `app.css.zst`, `app.css.gz`. Of those that a client likes equally, the first here. They have to hold the same as the file: nobody compares.",
    replaces: "front",
  },
  cacheControl: {
    kind: "map",
    key: "static.cache_control",
    entryName: { pattern: GLOB, allowed: "a glob such as *.html or assets/**" },
    entryType: text({ pattern: /^[\x20-\x7e]*$/, lengthMax: 512, allowed: "one line of ASCII text" }),
    isSecret: false,
    summary:
      "`Cache-Control` by patterns: `'assets/**': public, max-age=31536000, immutable`. A pattern without a slash is for names in every folder. The first that matches counts.",
    replaces: "front",
  },
  deny: {
    kind: "value",
    key: "static.deny",
    type: listOf({ isItem: (glob) => GLOB.test(glob), allowed: "a list of globs" }),
    default: ["*.php", "*.php[0-9]", "*.phtml", "*.phar", "*.py", "*.pyc"],
    summary:
      "Files that are never served, by patterns as in `cache_control`, letter case aside. Hidden files and folders are not either, but for `.well-known`.",
    guards: "Sources of scripts, with the passwords in them.",
    replaces: "front",
  },
  symlinks: {
    kind: "value",
    key: "static.symlinks",
    type: choice(["beneath", "refuse", "follow"]),
    default: "beneath",
    summary:
      "Which symbolic links are gone through: those that stay in the root and are relative, none, or all. Laravel's `public/storage` needs `follow`. On kernels without openat2 (before 5.6, or forbidden) `beneath` is as `refuse`.",
    guards: "Links that lead out of the root, whoever has made them.",
    replaces: "front",
  },
  cacheSize: {
    kind: "value",
    key: "static.cache_size",
    type: byteSize({ min: 64 * 1024, max: 64 * GIB, zeroMeans: "nothing is kept" }),
    default: 32 * MIB,
    summary:
      "Memory of one front for small files and for what is known of paths, those that are not there among them. What nobody asks for makes room.",
    guards: "Requests for a million different paths: they push one another out.",
    replaces: "front",
  },
  cacheFileSize: {
    kind: "value",
    key: "static.cache_file_size",
    type: byteSize({ min: 1, max: GIB, zeroMeans: "no file is kept" }),
    default: 64 * KIB,
    summary:
      "A larger file is sent from the disk each time, in pieces, as the client takes them: straight from the system's memory over HTTP/1.1 in the clear.",
    replaces: "front",
  },
  revalidate: {
    kind: "value",
    key: "static.revalidate",
    type: duration("s", { min: 1, max: DAY_MS, zeroMeans: "the disk is asked for each request" }),
    default: SECOND_MS,
    summary:
      "How long what is known of a path counts before the disk is asked again, in seconds: a changed, new or deleted file shows after at most that.",
    replaces: "front",
  },
};

/** Folders whose files an app may have sent by naming them. */
export const sendfileRoots: OptionMap = {
  kind: "map",
  key: "static.sendfile",
  entryName: { pattern: /^(?:\/[^/\s?#%]+)+$/, allowed: "a path that ends before a slash, such as /protected" },
  entryType: text({ allowed: "the path of a directory" }),
  isSecret: false,
  summary:
    "Folders whose files the app may have sent by naming them: `/protected: storage/files`. A 200 answer with `X-Accel-Redirect: /protected/a.pdf`, or with `X-Sendfile` and the absolute path of such a file, is the file, with the app's other header fields; the worker is free at once. Other answers stay the app's, without these two fields. Relative paths start at the current directory.",
  guards: "An app that is talked into naming any file of the machine: outside of these folders the answer is 500.",
  replaces: "front",
};

/** The `static` section. */
export const staticSection: Section = {
  key: "static",
  summary: "Files that are served without the app.",
  options: [...(Object.values(staticFields) as readonly FieldOption[]), sendfileRoots],
};
