import { CONFIG_FILE_NAMES } from "../sources/config-file.ts";
import { variableNames } from "../sources/environment-source.ts";
import { OPTIONS, SECTIONS } from "../options/option-index.ts";
import type { AnyOption, Option, ReplacedScope, Section } from "../options/option.ts";
import { fieldOf } from "../options/option-list.ts";

const REPLACED: Readonly<Record<ReplacedScope, string>> = {
  "in place": "nothing",
  front: "the front",
  instance: "the instance, so it takes a restart",
};

/** The page `docs/reference/config.md`, complete. */
export function renderReferencePage(): string {
  return [INTRODUCTION, renderExample(), ...SECTIONS.map(renderSection)].join("\n");
}

const INTRODUCTION = `# Configuration

<!-- Written by \`vilya config reference\`; a test compares the two. -->

Vilya reads the file named by \`-config FILE\`, or by \`VILYA_CONFIG\`, or the first of ${CONFIG_FILE_NAMES.map((name) => `\`${name}\``).join(", ")}
in the current directory; without any of them it runs on defaults. Flags win over the environment, the environment over the file, the
file over the defaults. \`vilya config check\` reports every problem at once, \`vilya config show\` prints the effective values and where
each one comes from, \`vilya config schema\` prints the JSON Schema for editors ([\`vilya.schema.json\`](vilya.schema.json)).

## Values

- **Durations** are \`1500ms\`, \`30s\`, \`2m\`, \`1.5h\` or \`1d\`. A plain number counts in the unit that the option names.
- **Sizes** are \`16MiB\` (powers of 1024) or \`10MB\` (powers of 1000), in \`B\`, \`K\`, \`M\`, \`G\` or \`T\`. A plain number is bytes.
- **Switches** are \`true\` or \`false\`; \`yes\`, \`no\`, \`on\` and \`off\` work too.
- **References**: \`\${NAME}\` in any value of the file is replaced by a variable of the environment, \`\${NAME:-default}\` by the default
  where the variable is unset or empty. A variable without value and default is a problem. \`$\${\` is a literal \`\${\`. Inside \`{ }\` and
  \`[ ]\` YAML wants quotes around a reference.
- The file is YAML 1.2 in UTF-8, up to 1 MiB, one document, without tags or merge keys. Unknown and repeated keys are problems.

## Environment

Every option that holds one value has a variable: \`VILYA_\` and its key in capitals with \`_\` for the dots, so \`workers.max_requests\` is
\`VILYA_WORKERS_MAX_REQUESTS\`. Some have a short name as well. Each works with \`NARYA_\` for \`VILYA_\` too; \`VILYA_\` wins. An empty
variable counts as not set. Any option, entries of \`php.ini\` and \`php.env\` included, can be given as \`-o key=value\`.

## Changes

[\`vilya reload\`](../guides/reload.md) applies what has changed, with new workers in any case. Each option says what is replaced for it besides: nothing;
the front, whose connections are then closed in good order; or the instance, which a reload leaves as it was started.
`;

function renderExample(): string {
  return `## The file

The short form, for one application, with every key at its default:

\`\`\`yaml
${SECTIONS.flatMap(exampleLines).join("\n")}
\`\`\`
`;
}

/** Sections follow one another such that each comes after the one it is nested in. */
function exampleLines(section: Section): readonly string[] {
  const depth = section.key === "" ? 0 : section.key.split(".").length;
  const heading = depth === 0 ? [] : [`${indent(depth - 1)}${lastName(section.key)}:`];
  return [...heading, ...section.options.map((option) => indent(depth) + exampleLine(option))];
}

function exampleLine(option: AnyOption): string {
  const name = lastName(option.key);
  if (option.kind === "map") return `${name}: {}`;
  if (option.kind === "table") return `${name}: {}`;
  if (option.kind === "list") return `${name}: []`;
  const value = option.default;
  if (value === null) return `# ${name}: ${(option.defaultRule ?? "").replaceAll("`", "")}`;
  const shown = option.type.show(value);
  return `${name}: ${Array.isArray(shown) ? `[${shown.map(yamlItem).join(", ")}]` : String(shown)}`;
}

/** Quoted where YAML would read something else into it: `*` begins an alias. */
function yamlItem(item: string): string {
  return /^[\w./-]+$/.test(item) ? item : JSON.stringify(item);
}

function renderSection(section: Section): string {
  const title = section.key === "" ? "Top level" : `\`${section.key}\``;
  return [`## ${title}\n`, `${section.summary}\n`, ...section.options.map(renderOption)].join("\n");
}

function renderOption(option: AnyOption): string {
  const facts = factsOf(option);
  const guards = option.guards === undefined ? [] : [`- Why: ${option.guards}`];
  const section = [
    `### \`${option.key}\`\n`,
    `${option.summary}\n`,
    ...facts,
    ...guards,
    `- A change replaces: ${REPLACED[option.replaces]}\n`,
  ].join("\n");
  if (option.kind !== "list") return section;
  return [section, ...option.fields.map((field) => renderField(fieldOf(`${option.key}[]`, field)))].join("\n");
}

/** A field of an item. What says the same at the top of the file is explained there alone: a route's files and compression are an app's. */
function renderField(field: AnyOption): string {
  const twin = OPTIONS.get(field.key.replace(/^\w+\[\]\./, ""));
  const isTwin =
    twin !== undefined &&
    twin.summary === field.summary &&
    Bun.deepEquals(factsOf(twin).filter(isOfValue), factsOf(field));
  return isTwin
    ? `### \`${field.key}\`\n\nAs [\`${twin.key}\`](#${twin.key.replaceAll(".", "")}).\n`
    : renderOption(field);
}

/** Whether a fact is one of what may stand there, and not of where else it may be given. */
function isOfValue(fact: string): boolean {
  return !fact.startsWith("- Environment: ");
}

function factsOf(option: AnyOption): readonly string[] {
  switch (option.kind) {
    case "map":
      return mapFacts(option.entryName.allowed);
    case "table":
      return [
        `- Allowed: a map of up to ${option.itemCountMax} names (${option.entryName.allowed}), each with the keys ${option.fieldRule}`,
        "- Default: empty",
      ];
    case "list":
      return [`- Allowed: a list of up to ${option.itemCountMax} maps with the keys below`, "- Default: empty"];
    case "value":
      return valueFacts(option);
  }
}

function mapFacts(entryName: string): readonly string[] {
  return [`- Allowed: a map; each key is ${entryName}`, "- Default: empty"];
}

function valueFacts(option: Option<unknown>): readonly string[] {
  const value = option.default;
  const fallback = option.defaultRule ?? code(option.type.show(value));
  const flag = option.flag === undefined ? "" : `; flag \`--${option.flag}\``;
  // What stands in a list has no variable of its own.
  const isField = option.key.includes("[]");
  const variables = isField ? [] : variableNames(option).filter((name) => name.startsWith("VILYA_"));
  return [
    `- Allowed: ${option.type.allowed.replace(/,$/, "")}`,
    `- Default: ${fallback}`,
    ...(isField ? [] : [`- Environment: ${variables.map(code).join(", ")}${flag}`]),
  ];
}

function code(value: unknown): string {
  return Array.isArray(value) ? `\`[${value.join(", ")}]\`` : `\`${String(value)}\``;
}

function indent(depth: number): string {
  return "  ".repeat(depth);
}

function lastName(key: string): string {
  return key.slice(key.lastIndexOf(".") + 1);
}
