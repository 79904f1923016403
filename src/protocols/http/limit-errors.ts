import { HttpError } from "./http-error.ts";

/** 414: the request line, of which the target is what grows, exceeds its limit. */
export function lineTooLong(bytesMax: number): HttpError {
  return new HttpError(
    "VILYA_HTTP_TARGET_TOO_LONG",
    414,
    `Cannot decode the request line: it is longer than ${bytesMax} bytes, requestLineBytesMax allows no more`,
  );
}

/** 431: a section of fields exceeds the limit named `limit`. */
export function fieldsTooLarge(
  subject: "request header" | "response header" | "trailer",
  limit: string,
  max: number,
): HttpError {
  return new HttpError(
    "VILYA_HTTP_FIELDS_TOO_LARGE",
    431,
    `Cannot decode the ${subject}: it exceeds ${limit}, ${max} is the most allowed`,
  );
}

/** The status for a body that is larger than it may be. RFC 9110 §15.5.14. */
export const CONTENT_TOO_LARGE = 413;

/** 413: a body is, or announces to be, larger than the server takes. */
export function bodyTooLarge(bodyBytesMax: number): HttpError {
  return new HttpError(
    "VILYA_HTTP_BODY_TOO_LARGE",
    CONTENT_TOO_LARGE,
    `Cannot take the request body: it exceeds bodyBytesMax, ${bodyBytesMax} bytes is the most allowed`,
  );
}
