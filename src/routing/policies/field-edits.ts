import type { FieldRulesConfig } from "../../config/route-policy-config.ts";
import type { FieldBlock } from "../../protocols/http/field-block.ts";
import { fieldBlockOf, fieldListOf, type OwnField } from "../../protocols/http/field-list.ts";

/** Changes to the fields of a message. Values are latin-1 without control characters, so that none of them can begin a line. */
export interface FieldEdits {
  /** In lower case: what goes, whoever sent it. What is set is among them. */
  readonly removed: ReadonlySet<string>;
  /** Put behind what stays. */
  readonly added: readonly OwnField[];
  /** Put there where no field has the name yet. */
  readonly defaults: readonly OwnField[];
}

/** The edits of rules: remove, then set, then add. */
export function editsOf({ remove, set, add }: FieldRulesConfig): FieldEdits {
  const removed = new Set([...remove, ...Object.keys(set)].map((name) => name.toLowerCase()));
  return { removed, added: [...Object.entries(set), ...Object.entries(add)], defaults: [] };
}

/** Edits that set these fields and leave the others alone. */
export function settingFields(fields: readonly OwnField[]): FieldEdits {
  return { removed: new Set(fields.map(([name]) => name.toLowerCase())), added: fields, defaults: [] };
}

/**
 * The fields after the edits, in bytes of their own. A message's Connection field nominates none of those that were put there: its sender could
 * have them left out on the way (RFC 9110 §7.6.1).
 */
export function editFields(fields: FieldBlock, { removed, added, defaults }: FieldEdits): FieldBlock {
  const kept = fieldListOf(fields).filter(([name]) => !removed.has(name.toLowerCase()));
  const missing = defaults.filter(([name]) => fields.find(name.toLowerCase(), 0) === -1);
  const own = [...added, ...missing];
  if (own.length === 0 || fields.find("connection", 0) === -1) return fieldBlockOf([...kept, ...own]);
  const names = new Set(own.map(([name]) => name.toLowerCase()));
  return fieldBlockOf([...kept.map((field) => withoutNominations(field, names)), ...own]);
}

function withoutNominations([name, value]: OwnField, names: ReadonlySet<string>): OwnField {
  if (name.toLowerCase() !== "connection") return [name, value];
  const options = value.split(",").filter((option) => !names.has(option.trim().toLowerCase()));
  return [name, options.join(",")];
}
