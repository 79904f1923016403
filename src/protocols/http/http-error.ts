import { ProtocolError } from "../../base/errors.ts";

/** What a client did that HTTP forbids or a limit does not allow; each has its page section in `docs/reference/errors.md`. */
export type HttpErrorCode =
  | "VILYA_HTTP_BAD_REQUEST"
  | "VILYA_HTTP_AMBIGUOUS_FRAMING"
  | "VILYA_HTTP_TARGET_TOO_LONG"
  | "VILYA_HTTP_FIELDS_TOO_LARGE"
  | "VILYA_HTTP_BODY_TOO_LARGE"
  | "VILYA_HTTP_FORM_INVALID"
  | "VILYA_HTTP_FORM_TOO_LARGE"
  | "VILYA_HTTP_TIMEOUT"
  | "VILYA_HTTP_EXPECTATION_FAILED"
  | "VILYA_HTTP_NOT_IMPLEMENTED"
  | "VILYA_HTTP_VERSION_NOT_SUPPORTED";

/** A request that is refused with `status` and whose connection closes. The message is for logs; the client sees the status alone. */
export class HttpError extends ProtocolError {
  readonly code: HttpErrorCode;
  /** The response status, 400 to 505. */
  readonly status: number;

  constructor(code: HttpErrorCode, status: number, message: string) {
    super(message);
    this.code = code;
    this.status = status;
  }
}
