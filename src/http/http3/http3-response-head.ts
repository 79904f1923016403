import type { FieldBlock } from "../../protocols/http/field-block.ts";
import { isConnectionField, isNominated } from "../../protocols/http/field-rules.ts";
import { announcedLength, decideBodyFraming, type FramingFacts } from "../../protocols/http/response-framing.ts";

/** The highest status that the runtime's `Response` takes. */
const STATUS_MAX = 599;

/** In the place of one that HTTP/3 cannot send here: a client takes an unknown class of status for a server's error (RFC 9110 §15). */
const STATUS_IN_ITS_PLACE = 500;

/** How a response of the runtime's begins. */
export interface Http3ResponseHead {
  readonly init: { readonly status: number; readonly headers: Headers };
  /** Whether content follows. */
  readonly hasContent: boolean;
}

/**
 * The head of a final response for the runtime: the application's fields without those of the connection, and Content-Length as the engine
 * decides. The runtime joins fields of one name, apart from Set-Cookie, and adds Date.
 */
export function http3ResponseHead(facts: Omit<FramingFacts, "versionMinor">): Http3ResponseHead {
  const framing = { ...facts, versionMinor: 1 } as const;
  const headers = new Headers();
  if (facts.fields !== null) copyFields(headers, facts.fields);
  const length = announcedLength(framing);
  if (length >= 0) headers.set("Content-Length", String(length));
  const status = facts.status > STATUS_MAX ? STATUS_IN_ITS_PLACE : facts.status;
  return { init: { status, headers }, hasContent: decideBodyFraming(framing) !== null && facts.bodyByteLength !== 0 };
}

function copyFields(headers: Headers, fields: FieldBlock): void {
  const connection = fields.find("connection", 0);
  for (let index = 0; index < fields.count; index++) {
    if (isConnectionField(fields, index)) continue;
    if (connection !== -1 && isNominated(fields, index, connection)) continue;
    headers.append(fields.name(index), fields.value(index));
  }
}
