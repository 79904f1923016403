import { type JsonSchema, toJsonSchema } from "@valibot/to-json-schema";
import type * as v from "valibot";

import { type AnswerDescription, type ApiOperation, REFUSAL } from "./api-operation.ts";

/** Which refusals any operation may answer with. */
const COMMON_ANSWERS: Readonly<Record<number, AnswerDescription>> = {
  401: { description: "A token is needed, or it is another one.", schema: REFUSAL },
  403: { description: "The request is another web page's, or its host is a name.", schema: REFUSAL },
};

const BODY_ANSWERS: Readonly<Record<number, AnswerDescription>> = {
  400: { description: "The body is not what it has to be.", schema: REFUSAL },
};

/** What of an operation is described. */
type Described = Omit<ApiOperation, "perform">;

/** A part of the document. */
type Part = Readonly<Record<string, unknown>>;

/** Describes the operations by OpenAPI 3.1, whose schemas are JSON Schema: made from those that inputs are checked by. */
export function openApiDocument(operations: readonly Described[], version: string): Part {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const each of operations) (paths[each.path] ??= {})[each.method.toLowerCase()] = describe(each);
  return {
    openapi: "3.1.0",
    info: { title: "Vilya", version, description: "Health, readiness, metrics and control of a running instance." },
    paths,
    components: {
      securitySchemes: { token: { type: "http", scheme: "bearer", description: "Where admin.token_file is set." } },
    },
    security: [{}, { token: [] }],
  };
}

function describe({ method, path, summary, description, input, answers }: Described): Part {
  const all = { ...COMMON_ANSWERS, ...(input !== null && BODY_ANSWERS), ...answers };
  return {
    operationId: `${method.toLowerCase()}${path.replaceAll(/[^a-z0-9]+([a-z0-9])/gi, (_, first: string) => first.toUpperCase())}`,
    summary,
    ...(description !== undefined && { description }),
    ...(input !== null && { requestBody: { content: { "application/json": { schema: schemaOf(input, "input") } } } }),
    responses: Object.fromEntries(Object.entries(all).map(([status, answer]) => [status, describeAnswer(answer)])),
  };
}

function describeAnswer({ description, schema, contentType = "application/json" }: AnswerDescription): Part {
  const content = schema === undefined ? { schema: { type: "string" } } : { schema: schemaOf(schema, "output") };
  return { description, content: { [contentType]: content } };
}

function schemaOf(schema: v.GenericSchema, typeMode: "input" | "output"): JsonSchema {
  const { $schema: _, ...rest } = toJsonSchema(schema, { typeMode });
  return rest;
}
