import { brotliCompress, brotliCompressSync, gzip, zstdCompress } from "node:zlib";

import type { ContentCoding } from "../../protocols/http/content-coding.ts";
import { brotliOptions, type Effort, gzipOptions, levelsOf, zstdOptions } from "./effort.ts";

/** Encodes on the event loop: for content of a few tens of KiB, some tens of microseconds. */
export function encodeNow(content: Buffer<ArrayBuffer>, coding: ContentCoding, effort: Effort): Uint8Array {
  switch (coding) {
    case "gzip":
      return Bun.gzipSync(content, { level: levelsOf(effort).gzip as 1 });
    case "br":
      return brotliCompressSync(content, brotliOptions(effort, content.length));
    case "zstd":
      return Bun.zstdCompressSync(content, { level: levelsOf(effort).zstd });
  }
}

/**
 * Encodes on a thread of the pool.
 *
 * @param content must stay as it is until `onEncoded` is called.
 * @param onEncoded gets `null` when it could not be encoded.
 */
export function encodeLater(
  content: Buffer,
  coding: ContentCoding,
  effort: Effort,
  onEncoded: (encoded: Uint8Array | null) => void,
): void {
  const callback = (error: Error | null, encoded: Uint8Array): void => onEncoded(error === null ? encoded : null);
  switch (coding) {
    case "gzip":
      gzip(content, gzipOptions(effort), callback);
      return;
    case "br":
      brotliCompress(content, brotliOptions(effort, content.length), callback);
      return;
    case "zstd":
      zstdCompress(content, zstdOptions(effort), callback);
  }
}
