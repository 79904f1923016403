import { generalSection } from "./general-options.ts";
import { http2Section } from "./http2-options.ts";
import { loggingSection } from "./logging-options.ts";
import type { AnyOption, Option, Section } from "./option.ts";
import { backpressureSection, queueSection, queueTimeoutSection } from "./overflow-options.ts";
import { phpSection } from "./php-options.ts";
import { serverDeadlineSection, serverLimitSection } from "./server-limit-options.ts";
import { serverSection } from "./server-options.ts";
import { tlsSection } from "./tls-options.ts";
import { workerSection } from "./worker-options.ts";
import { webSocketSection } from "./websocket-options.ts";

/** Every section, in the order of the reference page. What is not in here is not an option. */
export const SECTIONS: readonly Section[] = [
  generalSection,
  serverSection,
  tlsSection,
  serverLimitSection,
  serverDeadlineSection,
  http2Section,
  webSocketSection,
  workerSection,
  backpressureSection,
  queueTimeoutSection,
  queueSection,
  phpSection,
  loggingSection,
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

/** A key and the name of an entry, where a dotted key means an entry of a map option: `php.ini.opcache.enable`. */
export function findOption(key: string): { readonly option: AnyOption; readonly entryName: string | null } | null {
  const option = OPTIONS.get(key);
  if (option !== undefined) return { option, entryName: null };
  for (const candidate of OPTIONS.values()) {
    if (candidate.kind === "map" && key.startsWith(`${candidate.key}.`)) {
      return { option: candidate, entryName: key.slice(candidate.key.length + 1) };
    }
  }
  return null;
}
