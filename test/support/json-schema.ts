import type { JsonSchema } from "../../src/config/types/option-type.ts";

/** As much of a JSON Schema validator as the schema needs. */
export function accepts(schema: JsonSchema, value: unknown, root: JsonSchema = schema): boolean {
  const rule = schema as Readonly<{
    $ref?: string;
    anyOf?: readonly JsonSchema[];
    enum?: readonly unknown[];
    const?: unknown;
    type?: string | readonly string[];
    minimum?: number;
    maximum?: number;
    pattern?: string;
    properties?: Readonly<Record<string, JsonSchema>>;
    additionalProperties?: JsonSchema | false;
    propertyNames?: { readonly pattern: string };
    items?: JsonSchema;
  }>;
  if (rule.$ref !== undefined) {
    return accepts(
      (root.definitions as Record<string, JsonSchema>)[rule.$ref.replace("#/definitions/", "")] ?? {},
      value,
      root,
    );
  }
  if (rule.anyOf !== undefined && !rule.anyOf.some((option) => accepts(option, value, root))) return false;
  if (rule.enum !== undefined && !rule.enum.includes(value)) return false;
  if (rule.const !== undefined && rule.const !== value) return false;
  if (rule.type !== undefined && ![rule.type].flat().some((type) => isOfType(value, type))) return false;
  if (typeof value === "number" && (value < (rule.minimum ?? -Infinity) || value > (rule.maximum ?? Infinity)))
    return false;
  if (typeof value === "string" && rule.pattern !== undefined && !new RegExp(rule.pattern).test(value)) return false;
  if (Array.isArray(value))
    return rule.items === undefined || value.every((item) => accepts(rule.items ?? {}, item, root));
  if (typeof value !== "object" || value === null) return true;
  return Object.entries(value).every(([name, member]) => {
    if (rule.propertyNames !== undefined && !new RegExp(rule.propertyNames.pattern).test(name)) return false;
    const known = rule.properties?.[name] ?? rule.additionalProperties;
    return known !== false && accepts(known ?? {}, member, root);
  });
}

function isOfType(value: unknown, type: string): boolean {
  if (type === "null") return value === null;
  if (type === "array") return Array.isArray(value);
  if (type === "integer") return Number.isInteger(value);
  if (type === "object") return typeof value === "object" && value !== null && !Array.isArray(value);
  return typeof value === type;
}
