import type { FieldRulesConfig } from "../../config/route-policy-config.ts";
import { editAnswer } from "./answer-fields.ts";
import { editFields, editsOf, type FieldEdits } from "./field-edits.ts";
import type { Policy } from "./policy.ts";

/** Changes the fields that the app gets. */
export function requestFieldRules(rules: FieldRulesConfig): Policy {
  const edits = editsOf(rules);
  return (exchange, match, next) => {
    exchange.head.fields = editFields(exchange.head.fields, edits);
    return next(exchange, match);
  };
}

/** Changes the fields that clients get. */
export function responseFieldRules(rules: FieldRulesConfig): Policy {
  const edits = editsOf(rules);
  return (exchange, match, next) => {
    editAnswer(exchange, edits);
    return next(exchange, match);
  };
}

const SAFE_FIELDS = [
  ["X-Content-Type-Options", "nosniff"],
  ["X-Frame-Options", "SAMEORIGIN"],
  ["Referrer-Policy", "strict-origin-when-cross-origin"],
  ["Cross-Origin-Opener-Policy", "same-origin"],
] as const;

// RFC 6797 §7.2: not over a connection in the clear.
const SAFE_OVER_TLS = [...SAFE_FIELDS, ["Strict-Transport-Security", "max-age=31536000"]] as const;

/** Adds what browsers should be told, where the app does not say it. */
export function securityFields(): Policy {
  const clear = addingDefaults(SAFE_FIELDS);
  const secure = addingDefaults(SAFE_OVER_TLS);
  return (exchange, match, next) => {
    editAnswer(exchange, exchange.scheme === "https" ? secure : clear);
    return next(exchange, match);
  };
}

function addingDefaults(defaults: FieldEdits["defaults"]): FieldEdits {
  return { removed: new Set(), added: [], defaults };
}
