import { OPTIONS, SECTIONS } from "../options/option-index.ts";
import type { AnyOption, FieldOption } from "../options/option.ts";
import type { JsonSchema } from "../types/option-type.ts";

/** Every value may be a reference to a variable instead; what it holds is judged when the file is read. */
const REFERENCE: JsonSchema = { $ref: "#/definitions/reference" };

/**
 * The JSON Schema of the configuration file, for completion and checks in editors: draft 7, which all of them know. It allows nothing
 * that the engine refuses for its form; rules between options and files on disk are the engine's alone.
 */
export function configJsonSchema(): JsonSchema {
  return withPortablePatterns({
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "Vilya configuration",
    ...sectionSchema(""),
    definitions: { reference: { type: "string", pattern: "\\$\\{[A-Za-z_][A-Za-z0-9_]*(:-[^{}]*)?\\}" } },
  });
}

/** Classes of Unicode are beyond what validators have in common (JSON Schema 2020-12 §6.4): control characters are spelled out. */
function withPortablePatterns(schema: JsonSchema): JsonSchema {
  return JSON.parse(JSON.stringify(schema), toPortable) as JsonSchema;
}

function toPortable(key: string, value: unknown): unknown {
  if (key !== "pattern" || typeof value !== "string") return value;
  return value.replaceAll(String.raw`\p{Cc}`, String.raw`\x00-\x1f\x7f-\x9f`);
}

function sectionSchema(sectionKey: string): JsonSchema {
  const properties: Record<string, JsonSchema> = {};
  for (const option of OPTIONS.values()) {
    if (parentOf(option.key) === sectionKey) properties[nameOf(option.key)] = optionSchema(option);
  }
  for (const section of SECTIONS) {
    if (section.key === "" || parentOf(section.key) !== sectionKey) continue;
    properties[nameOf(section.key)] = { description: section.summary, ...sectionSchema(section.key) };
  }
  return { type: ["object", "null"], properties, additionalProperties: false };
}

function optionSchema(option: AnyOption): JsonSchema {
  const description = [option.summary, option.guards].filter((text) => text !== undefined).join("\n\n");
  if (option.kind === "map") {
    return {
      description,
      type: ["object", "null"],
      propertyNames: { pattern: option.entryName.pattern.source },
      additionalProperties: option.entryType.jsonSchema,
    };
  }
  if (option.kind === "table") {
    return {
      description,
      type: ["object", "null"],
      propertyNames: { pattern: option.entryName.pattern.source },
      additionalProperties: fieldsSchema(option.fields, ""),
    };
  }
  if (option.kind === "list") {
    const items = fieldsSchema(option.fields, "");
    return { description, type: ["array", "null"], maxItems: option.itemCountMax, items };
  }
  const value = option.default;
  const shown = value === null ? {} : { default: option.type.show(value) };
  return { description, ...shown, anyOf: [option.type.jsonSchema, REFERENCE] };
}

/** The fields of a list's item that stand at `path` within it. */
function fieldsSchema(fields: readonly FieldOption[], path: string): JsonSchema {
  const prefix = path === "" ? "" : `${path}.`;
  const properties: Record<string, JsonSchema> = {};
  for (const field of fields.filter(({ key }) => key.startsWith(prefix))) {
    const [name = "", ...deeper] = field.key.slice(prefix.length).split(".");
    properties[name] ??= deeper.length === 0 ? optionSchema(field) : fieldsSchema(fields, prefix + name);
  }
  return { type: "object", properties, additionalProperties: false, minProperties: 1 };
}

function parentOf(key: string): string {
  return key.slice(0, Math.max(0, key.lastIndexOf(".")));
}

function nameOf(key: string): string {
  return key.slice(key.lastIndexOf(".") + 1);
}
