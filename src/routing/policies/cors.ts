import type { CorsConfig } from "../../config/route-policy-config.ts";
import type { Exchange } from "../../http/exchange.ts";
import { fixedResponse } from "../../http/fixed-response.ts";
import type { OwnField } from "../../protocols/http/field-list.ts";
import { editAnswer } from "./answer-fields.ts";
import { ImmediateHandler } from "../immediate-handler.ts";
import type { Policy } from "./policy.ts";

const ANY = "*";

/** What a client may ask for in a preflight: names and commas, which are sent back as they came. */
const FIELD_NAMES = /^[A-Za-z0-9!#$%&'*+\-.^_`|~, ]{1,1024}$/;

/**
 * Cross-origin resource sharing (WHATWG Fetch §3.3): answers preflights, and says on every other answer who may read it. An origin that may
 * not is told nothing, and its browser keeps the answer from it. Its fields replace the app's.
 */
export function crossOrigin(config: CorsConfig): Policy {
  const isAny = config.origins.includes(ANY);
  const allowedOrigin = (origin: string): string | null => {
    if (isAny) return ANY;
    // Equal to a configured one but for its case, and so nothing that could break a header.
    return config.origins.includes(origin.toLowerCase()) ? origin : null;
  };
  return (exchange, match, next) => {
    const origin = exchange.head.fields.get("origin");
    const allowed = origin === null ? null : allowedOrigin(origin);
    if (origin !== null && isPreflight(exchange)) {
      const fields = allowed === null ? [] : preflightFields(config, exchange, allowed);
      const response = fixedResponse(204, Object.fromEntries([...fields, ["Vary", "Origin"]]), "");
      return new ImmediateHandler(exchange, () => exchange.respond(response));
    }
    const fields = allowed === null ? [] : answerFields(config, allowed);
    // An answer that is for one origin may not be served to another from a cache.
    const added: OwnField[] = isAny ? fields : [...fields, ["Vary", "Origin"]];
    editAnswer(exchange, { removed: CORS_FIELDS, added, defaults: [] });
    return next(exchange, match);
  };
}

const CORS_FIELDS: ReadonlySet<string> = new Set([
  "access-control-allow-origin",
  "access-control-allow-credentials",
  "access-control-expose-headers",
]);

function isPreflight({ head }: Exchange): boolean {
  return head.isMethod("OPTIONS") && head.fields.find("access-control-request-method", 0) !== -1;
}

function answerFields({ allowsCredentials, exposed }: CorsConfig, origin: string): OwnField[] {
  const fields: OwnField[] = [["Access-Control-Allow-Origin", origin]];
  if (allowsCredentials) fields.push(["Access-Control-Allow-Credentials", "true"]);
  if (exposed.length > 0) fields.push(["Access-Control-Expose-Headers", exposed.join(", ")]);
  return fields;
}

function preflightFields(config: CorsConfig, { head }: Exchange, origin: string): OwnField[] {
  const fields: OwnField[] = [
    ["Access-Control-Allow-Origin", origin],
    ["Access-Control-Allow-Methods", config.methods.join(", ")],
    ["Access-Control-Max-Age", String(config.maxAgeS)],
  ];
  const asked = head.fields.get("access-control-request-headers") ?? "";
  const isAnyField = config.headers.includes(ANY);
  const names =
    isAnyField && FIELD_NAMES.test(asked) ? asked : config.headers.filter((name) => name !== ANY).join(", ");
  if (names !== "") fields.push(["Access-Control-Allow-Headers", names]);
  if (config.allowsCredentials) fields.push(["Access-Control-Allow-Credentials", "true"]);
  return fields;
}
