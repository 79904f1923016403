import { quote } from "../../base/printable.ts";
import type { Assignment, SourceReading } from "./assignment.ts";
import { interpolate } from "./interpolate.ts";
import { childNames, isSection, OPTIONS } from "../options/option-index.ts";
import type { AnyOption, Option, OptionList, OptionMap, OptionTable } from "../options/option.ts";
import { countOf, fieldOf, itemKey, namesOf } from "../options/option-list.ts";
import type { RawValue } from "../types/option-type.ts";
import type { Origin } from "../origin.ts";
import type { ConfigProblem } from "../problem.ts";
import { nearest } from "../nearest.ts";
import { suggestKey } from "./suggest-key.ts";
import { parseYamlTree, type Position, type YamlEntry, type YamlNode } from "./yaml-tree.ts";

/** The text of a configuration file and what its places are called in messages. */
export interface FileText {
  readonly label: string;
  readonly text: string;
  /** Where `${NAME}` is looked up. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Between the braces of a map its own braces are YAML's. */
const BARE_REFERENCE = /[{,].*:\s*\$\{/;

/** Reads a configuration file: which option each value is for, with references to variables replaced. Values are not judged here. */
export function readFileSource(file: FileText): SourceReading {
  const tree = parseYamlTree(file.text);
  const walker = new FileWalker(file);
  for (const { state, position } of tree.faults) {
    const line = file.text.split("\n", position.line).at(-1) ?? "";
    const hint = BARE_REFERENCE.test(line) ? 'try: quotes around references, as in { port: "${PORT}" }' : null;
    walker.refuse(`Cannot parse ${file.label}: ${state}, YAML 1.2 is allowed`, [position], hint);
  }
  if (tree.root !== null) walker.section("", tree.root);
  return walker;
}

class FileWalker implements SourceReading {
  readonly assignments: Assignment[] = [];
  readonly problems: ConfigProblem[] = [];
  readonly warnings: readonly ConfigProblem[] = [];
  readonly #file: FileText;

  constructor(file: FileText) {
    this.#file = file;
  }

  refuse(message: string, positions: readonly Position[], hint: string | null = null): void {
    this.problems.push({ message, origins: positions.map((position) => this.#origin(position)), hint });
  }

  /** A section without anything in it is one whose lines are all commented out. */
  section(key: string, node: YamlNode): void {
    if (node.kind === "empty") return;
    if (node.kind !== "map") {
      const subject = key === "" ? this.#file.label : key;
      const allowed = `keys such as ${childNames(key).slice(0, 3).join(", ")} are allowed`;
      this.refuse(`Cannot use ${subject}: it is ${describe(node)}, ${allowed}`, [node.position]);
      return;
    }
    for (const entry of this.#uniqueEntries(key, node.entries)) this.#child(key, entry);
  }

  #child(sectionKey: string, entry: YamlEntry): void {
    const key = join(sectionKey, entry.key);
    const option = OPTIONS.get(key);
    if (option !== undefined) this.#option(option, entry.value);
    else if (isSection(key)) this.section(key, entry.value);
    else this.#unknown(sectionKey, entry);
  }

  #option(option: AnyOption, node: YamlNode): void {
    if (option.kind === "value") {
      const raw = this.#raw(option.key, option.type.allowed, node);
      if (raw !== null) this.#assign(option, null, raw, node);
      return;
    }
    if (node.kind === "empty") return;
    if (option.kind === "list") {
      this.#list(option, node);
      return;
    }
    if (option.kind === "table") {
      this.#table(option, node);
      return;
    }
    if (node.kind !== "map") {
      this.refuse(`Cannot use ${option.key}: it is ${describe(node)}, a map of names and texts is allowed`, [
        node.position,
      ]);
      return;
    }
    for (const entry of this.#uniqueEntries(option.key, node.entries)) {
      const key = printable(join(option.key, entry.key));
      const raw = this.#raw(key, option.entryType.allowed, entry.value);
      if (raw !== null) this.#assign(option, entry.key, raw, entry.value);
    }
  }

  #list(list: OptionList, node: YamlNode): void {
    const { key, itemCountMax } = list;
    if (node.kind !== "list" || node.items.length > itemCountMax) {
      const state = node.kind === "list" ? `it has ${node.items.length} items` : `it is ${describe(node)}`;
      this.refuse(`Cannot use ${key}: ${state}, a list of up to ${itemCountMax} maps is allowed`, [node.position]);
      return;
    }
    this.#assign(countOf(list), null, String(node.items.length), node);
    for (const [index, item] of node.items.entries())
      this.#fields({ list, item: itemKey(list, index), path: "" }, item);
  }

  #table(table: OptionTable, node: YamlNode): void {
    const { key, itemCountMax, entryName } = table;
    if (node.kind !== "map" || node.entries.length > itemCountMax) {
      const state = node.kind === "map" ? `it has ${node.entries.length} names` : `it is ${describe(node)}`;
      this.refuse(`Cannot use ${key}: ${state}, a map of up to ${itemCountMax} names is allowed`, [node.position]);
      return;
    }
    const entries = this.#uniqueEntries(key, node.entries);
    this.#assign(
      namesOf(table),
      null,
      entries.map((entry) => entry.key).filter((name) => entryName.pattern.test(name)),
      node,
    );
    for (const entry of entries) {
      const item = join(key, entry.key);
      if (entryName.pattern.test(entry.key)) this.#fields({ list: table, item, path: "" }, entry.value);
      else this.refuse(`Cannot use ${printable(item)}: ${entryName.allowed} is allowed`, [entry.position]);
    }
  }

  /** What stands in an item, or nests in it. A map without anything in it would quietly be a listener without TLS, say. */
  #fields(place: FieldPlace, node: YamlNode): void {
    const { list, item, path } = place;
    if (node.kind !== "map" || node.entries.length === 0) {
      const names = fieldNames(list, path).slice(0, 3).join(", ");
      const state = node.kind === "map" ? "empty" : describe(node);
      this.refuse(`Cannot use ${join(item, path)}: it is ${state}, a map with keys such as ${names} is allowed`, [
        node.position,
      ]);
      return;
    }
    for (const entry of this.#uniqueEntries(join(item, path), node.entries)) {
      const name = join(path, entry.key);
      const field = list.fields.find((each) => each.key === name);
      if (field !== undefined) this.#option(fieldOf(item, field), entry.value);
      else if (list.fields.some((each) => each.key.startsWith(`${name}.`))) {
        this.#fields({ list, item, path: name }, entry.value);
      } else this.#unknownField(place, entry);
    }
  }

  #unknownField({ list, item, path }: FieldPlace, entry: YamlEntry): void {
    const names = fieldNames(list, path);
    const near = nearest(entry.key, names);
    const message = `Cannot use ${join(item, path)}: ${quote(entry.key)} is no key of it, only documented ones are allowed`;
    this.refuse(message, [entry.position], near === null ? `try: ${names.join(", ")}` : `did you mean ${near}?`);
  }

  #assign(option: Option<unknown> | OptionMap, entryName: string | null, raw: RawValue, node: YamlNode): void {
    this.assignments.push({ option, entryName, raw, origin: this.#origin(node.position) });
  }

  #raw(key: string, allowed: string, node: YamlNode): RawValue | null {
    if (node.kind === "text") return this.#interpolated(key, node.text, node.position);
    if (node.kind === "list") {
      const items = node.items.map((item) => this.#listItem(key, item));
      return items.every((item) => item !== null) ? items : null;
    }
    this.#refuseKind(key, allowed, node);
    return null;
  }

  #listItem(key: string, node: YamlNode): string | null {
    if (node.kind === "text") return this.#interpolated(key, node.text, node.position);
    this.#refuseKind(key, "a list of texts", node);
    return null;
  }

  #refuseKind(key: string, allowed: string, node: YamlNode): void {
    const hint = node.kind === "empty" ? "try: give it a value, or remove the line to get the default" : null;
    this.refuse(`Cannot use ${key}: it is ${describe(node)}, ${allowed} is allowed`, [node.position], hint);
  }

  #interpolated(key: string, text: string, position: Position): string | null {
    const result = interpolate(text, this.#file.environment);
    for (const name of result.undefinedNames) {
      const hint = `try: set ${name}, or give a default: \${${name}:-value}`;
      this.refuse(
        `Cannot use ${key}: the variable ${name} is not set, a variable with a value is allowed`,
        [position],
        hint,
      );
    }
    for (const reference of result.malformed) {
      const allowed = "${NAME} or ${NAME:-default} is allowed";
      this.refuse(
        `Cannot use ${key}: ${quote(reference)} is no reference, ${allowed}`,
        [position],
        "try: $${ for a literal ${",
      );
    }
    return result.undefinedNames.length + result.malformed.length > 0 ? null : result.text;
  }

  #uniqueEntries(sectionKey: string, entries: readonly YamlEntry[]): readonly YamlEntry[] {
    const first = new Map<string, YamlEntry>();
    for (const entry of entries) {
      const earlier = first.get(entry.key);
      if (earlier === undefined) first.set(entry.key, entry);
      else {
        const key = printable(join(sectionKey, entry.key));
        this.refuse(`Cannot use ${key}: it is given twice, once is allowed`, [earlier.position, entry.position]);
      }
    }
    return [...first.values()];
  }

  #unknown(sectionKey: string, entry: YamlEntry): void {
    const key = join(sectionKey, entry.key);
    const meant = suggestKey(key);
    const hint = meant === null ? `try: ${childNames(sectionKey).join(", ")}` : `did you mean ${meant}?`;
    const message = `Cannot use ${printable(key)}: no option has this name, only documented ones are allowed`;
    this.refuse(message, [entry.position], hint);
  }

  #origin({ line, column }: Position): Origin {
    return { kind: "file", file: this.#file.label, line, column };
  }
}

/** Where in the items of a list or a table the walker is. */
interface FieldPlace {
  readonly list: OptionList | OptionTable;
  /** The item's key. */
  readonly item: string;
  /** Within the item; empty at its top. */
  readonly path: string;
}

/** The keys that may stand at a place within an item. */
function fieldNames({ fields }: OptionList | OptionTable, path: string): readonly string[] {
  const prefix = path === "" ? "" : `${path}.`;
  const keys = fields.map(({ key }) => key).filter((key) => key.startsWith(prefix));
  return [...new Set(keys.map((key) => key.slice(prefix.length).split(".")[0] ?? ""))];
}

function join(key: string, name: string): string {
  return key === "" || name === "" ? key + name : `${key}.${name}`;
}

function printable(key: string): string {
  return /^[\w.-]{1,80}$/.test(key) ? key : quote(key);
}

function describe(node: YamlNode): string {
  switch (node.kind) {
    case "empty":
      return "empty";
    case "text":
      return quote(node.text);
    case "list":
      return "a list";
    case "map":
      return "a map";
  }
}
