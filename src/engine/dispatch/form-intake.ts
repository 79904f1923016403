import type { Exchange } from "../../http/exchange.ts";
import type { Form } from "../../http/forms/form.ts";
import { FormReader } from "../../http/forms/form-reader.ts";
import type { RequestStream } from "../../http/body/request-stream.ts";
import type { FormLimits } from "../../protocols/form/form-limits.ts";
import { formTypeOf } from "../../protocols/form/form-type.ts";
import { HttpError } from "../../protocols/http/http-error.ts";
import type { RequestHead } from "../../protocols/http/request-head.ts";
import type { Logger } from "../../telemetry/logger.ts";

/** What a form is read with. */
export interface FormIntake {
  readonly limits: FormLimits;
  readonly log: Logger;
  readonly onForm: (form: Form) => void;
}

/** Whether the body of a request is a form, or says so and is none. */
export function announcesForm(head: RequestHead): boolean {
  try {
    return formTypeOf(head.fields.get("content-type")) !== null;
  } catch {
    return true; // Refused when its body would be read.
  }
}

/** Begins to read a form, or refuses the request. Returns the reader, to call it off; `null` when there is nothing to read. */
export function readForm(
  exchange: Exchange,
  body: RequestStream,
  { limits, log, onForm }: FormIntake,
): FormReader | null {
  const onRefused = (error: HttpError): void => {
    log.debug("form refused", { status: error.status, error });
    exchange.refuse(error.status);
  };
  try {
    const type = formTypeOf(exchange.head.fields.get("content-type"));
    if (type === null) return null;
    const reader = new FormReader({ body, type, limits, onForm, onRefused });
    reader.start();
    return reader;
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
    onRefused(error);
    return null;
  }
}
