import type { FieldOption, Option, OptionList, OptionTable } from "./option.ts";
import { integer, textList } from "../types/option-type.ts";
import type { Settings } from "../settings.ts";

/** The key of an item: `server.listeners[0]`. */
export function itemKey(list: OptionList, index: number): string {
  return `${list.key}[${index}]`;
}

/** A field as the option that it is in one item: `port` in `server.listeners[0]` becomes `server.listeners[0].port`. */
export function fieldOf<Field extends FieldOption>(item: string, field: Field): Field {
  return { ...field, key: `${item}.${field.key}` };
}

/** How many items a list has, kept as an option of its own under the list's key. */
export function countOf(list: OptionList): Option<number> {
  const { key, summary, replaces, itemCountMax } = list;
  return { kind: "value", key, type: integer({ min: 0, max: itemCountMax }), default: 0, summary, replaces };
}

/** The keys of the items that a source has given. */
export function itemKeys(settings: Settings, list: OptionList): readonly string[] {
  return Array.from({ length: settings.value(countOf(list)) }, (_, index) => itemKey(list, index));
}

/** The names of a table's items, kept as an option of its own under the table's key. */
export function namesOf({ key, summary, replaces }: OptionTable): Option<readonly string[]> {
  return { kind: "value", key, type: textList("a list of names"), default: [], summary, replaces };
}
