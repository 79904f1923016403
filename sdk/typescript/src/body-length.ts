/** Of responses whose body is bytes or a file: their streams do not tell how much will come. */
const LENGTHS = new WeakMap<object, number>();

/** Notes how long `body` is, in bytes, for who sends `response`. What has no length, and what the system gives none, stays unknown. */
export function noteLength(response: Response, body: unknown): void {
  const byteLength = lengthOf(body);
  // Files that are none on the disk (`/proc`, pipes) are 0 bytes long to the system.
  if (Number.isSafeInteger(byteLength) && byteLength > 0) LENGTHS.set(response, byteLength);
}

/** `null` where it is not known. */
export function knownLength(response: Response): number | null {
  return LENGTHS.get(response) ?? null;
}

function lengthOf(body: unknown): number {
  if (body instanceof Blob) return body.size;
  return body instanceof ArrayBuffer || ArrayBuffer.isView(body) ? body.byteLength : 0;
}
