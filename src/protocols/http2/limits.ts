/**
 * Bounds of the fields of one request, in bytes unless the name says otherwise. They are those of HTTP/1.1, counted as if the request had
 * come by it, so that a request is too large by every version or by none; the configuration's `server.limits` has this shape.
 */
export interface Http2Limits {
  /** Method and target with the rest of a request line; longer is 414. */
  readonly requestLineBytesMax: number;
  /** One name and value with the colon and space between them; longer is 431. */
  readonly headerLineBytesMax: number;
  /** Fields of one request, the parts of a split Cookie counted as one, and again its trailers; more is 431. */
  readonly headerCountMax: number;
  /** All fields of one request as lines with their ends; more is 431. */
  readonly headerBytesMax: number;
  /** All trailers as lines with their ends; more is 431. */
  readonly trailerBytesMax: number;
}

/** What `: ` and the line end of a header line take. */
export const COLON_SP_BYTES = 2;
export const LINE_END_BYTES = 2;
/** What the two spaces and `HTTP/1.1` of a request line take. */
export const VERSION_BYTES = 10;

/** What an entry counts beyond its octets in SETTINGS_MAX_HEADER_LIST_SIZE. RFC 9113 §6.5.2. */
const LIST_OVERHEAD_BYTES = 32;
const PSEUDO_FIELD_COUNT_MAX = 5;

/** A SETTINGS_MAX_HEADER_LIST_SIZE that no request within the limits exceeds: it is advice, the limits themselves are enforced. */
export function headerListBytesMax({ requestLineBytesMax, headerBytesMax, headerCountMax }: Http2Limits): number {
  return requestLineBytesMax + headerBytesMax + LIST_OVERHEAD_BYTES * (headerCountMax + PSEUDO_FIELD_COUNT_MAX);
}

/**
 * The most that the frames of one header block may hold together: twice what it may decode to, so that a request which is somewhat too large
 * is answered 431, and one without end ends its connection.
 */
export function headerBlockBytesMax(limits: Http2Limits): number {
  return 2 * headerListBytesMax(limits);
}
