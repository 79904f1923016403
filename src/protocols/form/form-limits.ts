import { HttpError } from "../http/http-error.ts";

/** What one form may have. Sizes are bytes. */
export interface FormLimits {
  /** Fields without a file. */
  readonly fieldCountMax: number;
  readonly fileCountMax: number;
  /** Of the name of a field, and of a file. */
  readonly nameBytesMax: number;
  /** The header of one part, from its first byte to the empty line. */
  readonly partHeaderBytesMax: number;
  /** The value of one field. */
  readonly fieldBytesMax: number;
  /** Names and values of all fields together. */
  readonly fieldsBytesMax: number;
  readonly fileBytesMax: number;
}

/** 400: the body is not the form that its Content-Type says it is. The message is for logs. */
export function invalidForm(state: string, allowed: string): HttpError {
  return new HttpError("VILYA_HTTP_FORM_INVALID", 400, `Cannot read a form: ${state}, ${allowed}`);
}

/** 413: the form exceeds `limit`, a key of `uploads` in the configuration. */
export function formTooLarge(limit: string, max: number): HttpError {
  return new HttpError(
    "VILYA_HTTP_FORM_TOO_LARGE",
    413,
    `Cannot take a form: it exceeds uploads.${limit}, ${max} is the most allowed`,
  );
}
