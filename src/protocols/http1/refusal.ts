import { HttpError } from "../http/http-error.ts";
import { CR, describeOctet, LF } from "../http/octets.ts";

/** What was being decoded, as error messages name it. */
export type Subject = "request line" | "request header" | "response header" | "chunk" | "trailer";

/** 400: the syntax is broken. `state` says what was found, `allowed` what would have been right. */
export function malformed(subject: Subject, state: string, allowed: string): HttpError {
  return new HttpError("VILYA_HTTP_BAD_REQUEST", 400, `Cannot decode the ${subject}: ${state}, ${allowed}`);
}

/** 400: an octet that may not stand where it stands. A line end alone is named, since that is how requests are smuggled. */
export function misplaced(octet: number, subject: Subject, place: string): HttpError {
  if (octet === CR || octet === LF) {
    return malformed(subject, `${octet === CR ? "CR" : "LF"} alone in ${place}`, "a line ends with CR LF");
  }
  return malformed(subject, `${describeOctet(octet)} in ${place}`, "RFC 9112 allows no such octet there");
}

/** 400: recipients could disagree on where the message ends, so it is refused and its connection closed. RFC 9112 §11.2. */
export function ambiguous(state: string, allowed: string): HttpError {
  return new HttpError("VILYA_HTTP_AMBIGUOUS_FRAMING", 400, `Cannot frame the request body: ${state}, ${allowed}`);
}
