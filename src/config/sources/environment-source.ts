import { quote } from "../../base/printable.ts";
import type { Assignment, SourceReading } from "./assignment.ts";
import { VALUE_OPTIONS } from "../options/option-index.ts";
import type { Option } from "../options/option.ts";
import type { ConfigProblem } from "../problem.ts";
import { nearest } from "../nearest.ts";

/** Ours first; the second is what seed files and scripts of the first implementation use. */
const PREFIXES = ["VILYA_", "NARYA_"] as const;

/** Variables that mean something to other parts: which file to read, which Bun and which engine to run, two of an upgrade, and two that workers are told. */
const RESERVED = [
  "VILYA_CONFIG",
  "VILYA_BUN",
  "VILYA_ENGINE",
  "VILYA_LAUNCHER",
  "VILYA_HANDOVER",
  "VILYA_VERSION",
  "VILYA_WORKER_LEVEL",
] as const;

/** What Kubernetes sets in every container beside a service named `vilya` or `narya`. */
const SERVICE_LINK = /^(?:VILYA|NARYA)_(?:SERVICE_(?:HOST|PORT.*)|PORT_\d+_.*)$/;
const SERVICE_LINK_VALUE = /^(?:tcp|udp|sctp):\/\//;

/**
 * The variables that set an option, the one that wins first: `VILYA_PORT`, `VILYA_SERVER_PORT`, then both as `NARYA_…`. The long name is
 * the key in capitals with `_` for its dots. Map options have none: a value of the file may be `${ANY_NAME}`.
 */
export function variableNames(option: Option<unknown>): readonly string[] {
  const names = [...(option.shortNames ?? []), option.key.toUpperCase().replaceAll(".", "_")];
  return PREFIXES.flatMap((prefix) => names.map((name) => prefix + name));
}

/** Reads overrides from the environment. A variable that is empty counts as not set; an unknown `VILYA_…` is a warning, for it may be another program's. */
export function readEnvironmentSource(environment: Readonly<Record<string, string | undefined>>): SourceReading {
  const assignments: Assignment[] = [];
  const warnings: ConfigProblem[] = [];
  const known = new Set<string>(RESERVED);
  const warn = (variable: string, state: string, hint: string | null) => {
    const message = `Cannot use ${variable}: ${state}`;
    warnings.push({ message, origins: [{ kind: "environment", variable }], hint });
  };

  for (const option of VALUE_OPTIONS) {
    const names = variableNames(option);
    for (const name of names) known.add(name);
    const [used, ...others] = names.filter((name) => (environment[name] ?? "") !== "");
    if (used === undefined) continue;
    const raw = environment[used] ?? "";
    if (SERVICE_LINK_VALUE.test(raw)) {
      warn(
        used,
        `it is ${quote(raw)}, which Kubernetes sets for a service of that name`,
        "try: set enableServiceLinks: false, or rename the service",
      );
      continue;
    }
    assignments.push({ option, entryName: null, raw, origin: { kind: "environment", variable: used } });
    for (const other of others) {
      if (environment[other] !== raw) warn(other, `${used} sets ${option.key} already`, "try: remove one of the two");
    }
  }

  for (const variable of Object.keys(environment)) {
    if (!variable.startsWith("VILYA_") || known.has(variable) || SERVICE_LINK.test(variable)) continue;
    const near = nearest(variable, known);
    warn(variable, "no option has this variable", near === null ? null : `did you mean ${near}?`);
  }
  return { assignments, problems: [], warnings };
}
