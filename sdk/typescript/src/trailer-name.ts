/**
 * Fields that mean nothing good behind a body: they frame, route, authenticate, or say how to handle what has been handled by then. RFC 9110
 * §6.5.1.
 */
const FORBIDDEN =
  /^(?:age|authorization|cache-control|connection|content-(?:encoding|length|range|type)|date|expect|expires|host|if-.*|keep-alive|location|max-forwards|pragma|proxy-(?:authenticate|authorization|connection)|range|retry-after|set-cookie|te|trailer|transfer-encoding|upgrade|vary|warning|www-authenticate)$/i;

/** @throws {TypeError} for the name of a field that may not follow a body. */
export function assertTrailerName(name: string): void {
  if (!FORBIDDEN.test(name)) return;
  throw new TypeError(`Cannot send the trailer ${name}: it belongs into the head, RFC 9110 §6.5.1 allows others`);
}
