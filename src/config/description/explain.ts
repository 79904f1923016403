import { escapeUnprintable } from "../../base/printable.ts";
import { OPTIONS } from "../options/option-index.ts";
import type { AnyOption, FieldOption, OptionMap } from "../options/option.ts";
import { fieldOf, itemKeys, namesOf } from "../options/option-list.ts";
import type { ShownValue } from "../types/option-type.ts";
import { DEFAULT_ORIGIN, renderOrigin } from "../origin.ts";
import type { Settings } from "../settings.ts";

/** An effective value and where it came from. */
export interface ExplainedSetting {
  readonly key: string;
  /** As it could be written in the file; null where the engine decides. */
  readonly value: ShownValue | null;
  readonly origin: string;
  /** How a default that depends on other facts is found. */
  readonly rule: string | null;
}

/** What stands for the value of a map option that may hold credentials. */
const HIDDEN = "***";

/** Values that are longer are few, and push their own origin on instead of everybody's. */
const VALUE_WIDTH_MAX = 32;

/** Every option in the order of the reference page; of maps, the entries that are given. */
export function explainSettings(settings: Settings): readonly ExplainedSetting[] {
  return [...OPTIONS.values()].flatMap((option) => explain(option, settings));
}

/** One line a setting: key, value, origin, in columns. */
export function renderExplanation(explained: readonly ExplainedSetting[]): string {
  const rows = explained.map(({ key, value, origin, rule }) => {
    const why = origin === "default" && rule !== null ? `default: ${rule.replaceAll("`", "")}` : origin;
    return [key, renderValue(value), why] as const;
  });
  const keyWidth = Math.max(...rows.map(([key]) => key.length));
  const valueWidth = Math.min(VALUE_WIDTH_MAX, Math.max(...rows.map(([, value]) => value.length)));
  return rows.map(([key, value, why]) => `${key.padEnd(keyWidth)}  ${value.padEnd(valueWidth)}  ${why}\n`).join("");
}

function explain(option: AnyOption, settings: Settings): readonly ExplainedSetting[] {
  if (option.kind === "map") return explainMap(option, settings);
  if (option.kind === "list") return explainItems(itemKeys(settings, option), option.fields, settings);
  if (option.kind === "table") {
    const items = settings.value(namesOf(option)).map((name) => `${option.key}.${name}`);
    return explainItems(items, option.fields, settings);
  }
  const value = settings.value(option);
  return [
    {
      key: option.key,
      value: value === null ? null : option.type.show(value),
      origin: renderOrigin(settings.origin(option.key)),
      rule: option.defaultRule ?? null,
    },
  ];
}

function explainMap(option: OptionMap, settings: Settings): readonly ExplainedSetting[] {
  return Object.entries(settings.entries(option)).map(([name, value]) => {
    const key = `${option.key}.${name}`;
    return { key, value: option.isSecret ? HIDDEN : value, origin: renderOrigin(settings.origin(key)), rule: null };
  });
}

/** What the items of a list or a table say, without the fields they leave at their defaults. */
function explainItems(
  items: readonly string[],
  fields: readonly FieldOption[],
  settings: Settings,
): readonly ExplainedSetting[] {
  return items.flatMap((item) =>
    fields
      .flatMap((field) => explain(fieldOf(item, field), settings))
      .filter(({ origin }) => origin !== renderOrigin(DEFAULT_ORIGIN)),
  );
}

function renderValue(value: ShownValue | null): string {
  if (value === null) return "-";
  return escapeUnprintable(Array.isArray(value) ? `[${value.join(", ")}]` : String(value));
}
