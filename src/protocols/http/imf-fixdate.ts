let cachedSecond = Number.NaN;
let cachedDate = Buffer.alloc(0);

/**
 * The time as an IMF-fixdate in ASCII, `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 §5.6.7), 29 bytes. Made once a second and shared: do not
 * write to it.
 *
 * @param nowMs milliseconds since 1970, years up to 9999.
 */
export function imfFixdate(nowMs: number): Buffer {
  const second = Math.floor(nowMs / 1000);
  if (second !== cachedSecond) {
    cachedDate = Buffer.from(new Date(second * 1000).toUTCString(), "latin1");
    cachedSecond = second;
  }
  return cachedDate;
}
