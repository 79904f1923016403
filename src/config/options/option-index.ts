import { apps } from "./app-options.ts";
import { adminSection } from "./admin-options.ts";
import { compressionSection } from "./compression-options.ts";
import { generalSection } from "./general-options.ts";
import { http2Section } from "./http2-options.ts";
import { loggingSection } from "./logging-options.ts";
import type { AnyOption, Option, OptionTable, Section } from "./option.ts";
import { fieldOf } from "./option-list.ts";
import { backpressureSection, queueSection, queueTimeoutSection } from "./overflow-options.ts";
import { phpSection } from "./php-options.ts";
import { pythonSection } from "./python-options.ts";
import { routes } from "./route-options.ts";
import { serverDeadlineSection, serverLimitSection } from "./server-limit-options.ts";
import { serverSection } from "./server-options.ts";
import { staticSection } from "./static-options.ts";
import { tlsSection } from "./tls-options.ts";
import { tracingSection } from "./tracing-options.ts";
import { uploadsSection } from "./uploads-options.ts";
import { workerSection } from "./worker-options.ts";
import { webSocketSection } from "./websocket-options.ts";

/** Every section, in the order of the reference page. What is not in here is not an option. */
export const SECTIONS: readonly Section[] = [
  { ...generalSection, options: [...generalSection.options, apps, routes] },
  serverSection,
  tlsSection,
  serverLimitSection,
  serverDeadlineSection,
  http2Section,
  webSocketSection,
  staticSection,
  compressionSection,
  uploadsSection,
  workerSection,
  backpressureSection,
  queueTimeoutSection,
  queueSection,
  phpSection,
  pythonSection,
  loggingSection,
  adminSection,
  tracingSection,
];

/** Every option by its key, in the order of {@link SECTIONS}. */
export const OPTIONS: ReadonlyMap<string, AnyOption> = new Map(
  SECTIONS.flatMap((section) => section.options).map((each) => [each.key, each]),
);

/** The options that hold one value. */
export const VALUE_OPTIONS: readonly Option<unknown>[] = [...OPTIONS.values()].filter((each) => each.kind === "value");

/** The keys that may stand under a section (or at the top, for ""), as written there: options and sections alike. */
export function childNames(sectionKey: string): readonly string[] {
  const prefix = sectionKey === "" ? "" : `${sectionKey}.`;
  const keys = [...OPTIONS.keys(), ...SECTIONS.map((section) => section.key)];
  const names = keys
    .filter((key) => key.startsWith(prefix) && key !== sectionKey)
    .map((key) => key.slice(prefix.length).split(".")[0] ?? "");
  return [...new Set(names)].filter((name) => name !== "");
}

/** Whether a key stands for a section of its own. */
export function isSection(key: string): boolean {
  return SECTIONS.some((section) => section.key === key);
}

/** An option, and the name of the entry where a key means one of a map. */
export interface FoundOption {
  readonly option: AnyOption;
  readonly entryName: string | null;
}

/** What a dotted key means: an option, an entry of a map (`php.ini.opcache.enable`), or either of them in a table (`apps.shop.php.binary`). */
export function findOption(key: string): FoundOption | null {
  const option = OPTIONS.get(key);
  return option === undefined ? findWithin([...OPTIONS.values()], key) : { option, entryName: null };
}

function findWithin(options: readonly AnyOption[], key: string): FoundOption | null {
  for (const option of options) {
    if (option.key === key) return { option, entryName: null };
    if (!key.startsWith(`${option.key}.`)) continue;
    const rest = key.slice(option.key.length + 1);
    if (option.kind === "map") return { option, entryName: rest };
    if (option.kind === "table") return findInTable(option, rest);
  }
  return null;
}

function findInTable(table: OptionTable, rest: string): FoundOption | null {
  const [name = ""] = rest.split(".", 1);
  if (!table.entryName.pattern.test(name)) return null;
  const item = `${table.key}.${name}`;
  const fields = table.fields.map((field) => fieldOf(item, field));
  return findWithin(fields, `${table.key}.${rest}`);
}
