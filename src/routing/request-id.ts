import { editAnswer } from "./answer-fields.ts";
import { editFields, settingFields } from "./field-edits.ts";
import type { Policy } from "./policy.ts";

const NAME = "X-Request-Id";

/** What is taken over from a client: nothing that a log or a header could be broken with. */
const USABLE = /^[A-Za-z0-9._~-]{1,128}$/;

/** Gives a request its id: the client's, or a new one (UUID version 7, so that ids sort by time). The app and the client get to see it. */
export function requestIds(): Policy {
  return (exchange, match, next) => {
    const { head } = exchange;
    const given = head.fields.get(NAME.toLowerCase());
    const id = given !== null && USABLE.test(given) ? given : Bun.randomUUIDv7();
    const edits = settingFields([[NAME, id]]);
    head.fields = editFields(head.fields, edits);
    editAnswer(exchange, edits);
    return next(exchange, match);
  };
}
