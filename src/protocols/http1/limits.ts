/**
 * Bounds of one HTTP/1.1 message head and of the framing of its body. Bytes unless the name says otherwise; the configuration's
 * `server.limits` has this shape. Memory held for an unfinished head stays below request line + header section + one line.
 */
export interface HttpLimits {
  /** Method, target and version without the line end; longer is 414. */
  readonly requestLineBytesMax: number;
  /** One header or trailer line without its line end; longer is 431. */
  readonly headerLineBytesMax: number;
  /** Header lines of one request, and again its trailer lines; more is 431. */
  readonly headerCountMax: number;
  /** All header lines of one request with their line ends, without the empty line; more is 431. */
  readonly headerBytesMax: number;
  /** All trailer lines after a chunked body with their line ends; more is 431. */
  readonly trailerBytesMax: number;
  /** Extensions of all chunks of one body together, each from its semicolon to its line end; more is 400. */
  readonly chunkExtensionBytesMax: number;
}
