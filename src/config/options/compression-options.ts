import type { CompressionConfig } from "../compression-config.ts";
import { listOf } from "../types/list-type.ts";
import type { FieldOption, Option, Section } from "./option.ts";
import { boolean, choice, integer, type OptionType } from "../types/option-type.ts";
import { byteSize } from "../types/quantity.ts";
import { codingListType } from "./static-options.ts";
import { GIB, KIB } from "../types/bounds.ts";

const MEDIA_RANGE = /^[\w!#$&^.+*-]{1,64}\/[\w!#$&^.+*-]{1,128}$/;

const mediaRangeListType: OptionType<readonly string[]> = listOf({
  isItem: (range) => MEDIA_RANGE.test(range),
  allowed: "a list of media types such as application/json, text/* or application/*+json",
});

/** What is compressed. The same keys stand in an app and in a route. */
export interface CompressionFields {
  readonly enabled: Option<boolean>;
  readonly codings: Option<CompressionConfig["codings"]>;
  readonly minSize: Option<number>;
  readonly types: Option<readonly string[]>;
  readonly effort: Option<CompressionConfig["effort"]>;
  readonly maxJobs: Option<number>;
  readonly maxStreams: Option<number>;
}

export const compressionFields: CompressionFields = {
  enabled: {
    kind: "value",
    key: "compress.enabled",
    type: boolean(),
    default: false,
    summary:
      "Compresses answers for clients that take it. An app's files are compressed as its answers are, where they have no precompressed sibling.",
    guards:
      "It is off unless asked for: a page that has a secret and repeats what a stranger may choose gives the secret away by its length (BREACH).",
    replaces: "front",
  },
  codings: {
    kind: "value",
    key: "compress.codings",
    type: codingListType,
    default: ["zstd", "br", "gzip"],
    summary: "Content codings, preferred first: of those that a client likes equally it gets the first.",
    replaces: "front",
  },
  minSize: {
    kind: "value",
    key: "compress.min_size",
    type: byteSize({ min: 64, max: GIB, zeroMeans: "content of any length" }),
    default: KIB,
    summary: "Content that is known to be shorter is sent as it is.",
    replaces: "front",
  },
  types: {
    kind: "value",
    key: "compress.types",
    type: mediaRangeListType,
    default: [
      "text/*",
      "application/json",
      "application/*+json",
      "application/javascript",
      "application/xml",
      "application/*+xml",
      "application/wasm",
      "image/svg+xml",
      "font/ttf",
      "font/otf",
    ],
    summary: "Media types that are compressed; `*` stands for any text before or behind the slash.",
    replaces: "front",
  },
  effort: {
    kind: "value",
    key: "compress.effort",
    type: choice(["fast", "balanced", "small"]),
    default: "fast",
    summary:
      "How much work goes into it: `fast` is level 1 of gzip and zstd and level 2 of Brotli, `balanced` 4, 3 and 4, `small` 7, 9 and 6.",
    replaces: "front",
  },
  maxJobs: {
    kind: "value",
    key: "compress.max_jobs",
    type: integer({ min: 0, max: 1_024 }),
    default: 8,
    summary:
      "Answers larger than 32 KiB that are compressed at once, each on a thread of its own; more are sent as they are. Smaller ones are compressed at once where they are.",
    guards: "Processor time and memory under load: an answer waits for compression with a copy of itself.",
    replaces: "front",
  },
  maxStreams: {
    kind: "value",
    key: "compress.max_streams",
    type: integer({ min: 0, max: 100_000 }),
    default: 256,
    summary:
      "Streamed answers and large files that are compressed at once; more are sent as they are. What was written in one turn leaves at once, so that events are not held back.",
    guards: "Memory: each of them has a window of 128 KiB and more as long as it is open.",
    replaces: "front",
  },
};

/** The `compress` section. */
export const compressionSection: Section = {
  key: "compress",
  summary: "Compression of answers on their way to the client.",
  options: Object.values(compressionFields) as readonly FieldOption[],
};
