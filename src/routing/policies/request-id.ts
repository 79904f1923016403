import { editAnswer } from "./answer-fields.ts";
import { editFields, settingFields } from "./field-edits.ts";
import type { Policy } from "./policy.ts";

const NAME = "X-Request-Id";

/** Lets the app and the client see the id that the logs have for a request: the client's own, or a new one (see `createRequestId`). */
export function requestIds(): Policy {
  return (exchange, match, next) => {
    const { head } = exchange;
    const edits = settingFields([[NAME, exchange.requestId]]);
    head.fields = editFields(head.fields, edits);
    editAnswer(exchange, edits);
    return next(exchange, match);
  };
}
