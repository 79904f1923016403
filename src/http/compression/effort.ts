import { type BrotliOptions, constants, type ZlibOptions, type ZstdOptions } from "node:zlib";

import type { CompressionConfig } from "../../config/compression-config.ts";

/** How much work goes into making content smaller. */
export type Effort = CompressionConfig["effort"];

/** Past the middle one, work doubles for a few per cent. zstd is as small as the others at a third of their time. */
const LEVELS = {
  fast: { gzip: 1, br: 2, zstd: 1 },
  balanced: { gzip: 4, br: 4, zstd: 3 },
  small: { gzip: 7, br: 6, zstd: 9 },
} as const satisfies Record<Effort, unknown>;

/** Reach back 128 KiB at most: a stream's encoder holds its window as long as the stream is open. */
const BROTLI_WINDOW_BITS = 17;
const ZSTD_WINDOW_BITS = 17;

/** The level of each coding for an effort. */
export function levelsOf(effort: Effort): { readonly gzip: number; readonly br: number; readonly zstd: number } {
  return LEVELS[effort];
}

export function gzipOptions(effort: Effort): ZlibOptions {
  return { level: LEVELS[effort].gzip };
}

/** @param byteLength of the content; 0 when it is not known. */
export function brotliOptions(effort: Effort, byteLength: number): BrotliOptions {
  return {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: LEVELS[effort].br,
      [constants.BROTLI_PARAM_LGWIN]: BROTLI_WINDOW_BITS,
      [constants.BROTLI_PARAM_SIZE_HINT]: byteLength,
    },
  };
}

export function zstdOptions(effort: Effort): ZstdOptions {
  return {
    params: {
      [constants.ZSTD_c_compressionLevel]: LEVELS[effort].zstd,
      [constants.ZSTD_c_windowLog]: ZSTD_WINDOW_BITS,
    },
  };
}
