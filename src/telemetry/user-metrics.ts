import { DURATION_BOUNDS_S } from "./duration-histogram.ts";

/** Metrics that all apps may have together, and series of each. */
export const FAMILY_COUNT_MAX = 200;
export const SERIES_COUNT_MAX = 200;

/** What one message may hold. */
const MESSAGE_BYTES_MAX = 64 * 1024;
const SAMPLE_COUNT_MAX = 256;
const LABEL_COUNT_MAX = 8;
const TEXT_LENGTH_MAX = 128;

const NAME = /^[a-zA-Z_][a-zA-Z0-9_]{0,127}$/;

/** The engine's own names, and labels that it writes itself. */
const OWN_NAME = /^vilya_/;
const OWN_LABELS = new Set(["app", "le"]);

/** One metric of apps, as it is now. */
export interface UserFamily {
  readonly name: string;
  readonly type: "counter" | "gauge" | "histogram";
  readonly help: string;
  /** Names of labels, `app` first; each series has as many values. */
  readonly labels: readonly string[];
  readonly series: readonly UserSeries[];
}

/** One series: its value, or what a histogram has counted. */
export interface UserSeries {
  readonly values: readonly string[];
  readonly value: number;
  /** Not cumulative, one more than there are bounds; empty unless it is a histogram, whose `value` is the sum. */
  readonly counts: readonly number[];
  /** When the last sample came, in milliseconds since the epoch. */
  readonly setMs: number;
}

interface Sample {
  readonly name: string;
  readonly type: UserFamily["type"];
  readonly help: string;
  readonly value: number;
  readonly labels: Readonly<Record<string, string>>;
}

interface Family extends Omit<UserFamily, "series"> {
  readonly series: Map<
    string,
    { readonly values: readonly string[]; value: number; setMs: number; readonly counts: number[] }
  >;
}

/**
 * What apps count of their own (docs/reference/wire.md, W2.80).
 *
 * Invariant: its memory is bounded, whatever workers send: what would go beyond a limit is left out, and its sender's log is told why.
 */
export class UserMetrics {
  readonly #families = new Map<string, Family>();

  /** Takes samples of an app, as JSON. @returns why some of them were left out; null when none was. */
  take(app: string, json: Buffer): string | null {
    if (json.length > MESSAGE_BYTES_MAX) return `${json.length} bytes of samples, ${MESSAGE_BYTES_MAX} are allowed`;
    let samples: unknown;
    try {
      samples = JSON.parse(json.toString("utf8"));
    } catch {
      return "samples that are no JSON";
    }
    if (!Array.isArray(samples) || samples.length > SAMPLE_COUNT_MAX) {
      return `samples that are no list of at most ${SAMPLE_COUNT_MAX}`;
    }
    let problem: string | null = null;
    for (const each of samples as readonly unknown[]) {
      const sample = readSample(each);
      problem = (typeof sample === "string" ? sample : this.#add(app, sample)) ?? problem;
    }
    return problem;
  }

  /** All of them, as they are now. */
  snapshot(): readonly UserFamily[] {
    return [...this.#families.values()].map(({ name, type, help, labels, series }) => ({
      name,
      type,
      help,
      labels,
      series: [...series.values()].map(({ values, value, counts, setMs }) => ({
        values,
        value,
        counts: [...counts],
        setMs,
      })),
    }));
  }

  #add(app: string, { name, type, help, value, labels }: Sample): string | null {
    const names = Object.keys(labels).toSorted();
    let family = this.#families.get(name);
    if (family === undefined) {
      if (this.#families.size >= FAMILY_COUNT_MAX) return `${name}: there are ${FAMILY_COUNT_MAX} metrics already`;
      family = { name, type, help, labels: ["app", ...names], series: new Map() };
      this.#families.set(name, family);
    }
    if (family.type !== type) return `${name}: it is a ${family.type}`;
    if (family.labels.length !== names.length + 1 || names.some((label, index) => family.labels[index + 1] !== label)) {
      return `${name}: its labels are ${family.labels.slice(1).join(", ") || "none"}`;
    }
    const values = [app, ...names.map((label) => labels[label]!)];
    const key = values.join("\0");
    let series = family.series.get(key);
    if (series === undefined) {
      if (family.series.size >= SERIES_COUNT_MAX) return `${name}: it has ${SERIES_COUNT_MAX} series already`;
      const counts = type === "histogram" ? Array.from({ length: DURATION_BOUNDS_S.length + 1 }, () => 0) : [];
      series = { values, value: 0, setMs: 0, counts };
      family.series.set(key, series);
    }
    series.setMs = Date.now();
    if (type === "gauge") series.value = value;
    else series.value += value;
    if (type === "histogram") series.counts[bucketOf(value)]!++;
    return null;
  }
}

function bucketOf(value: number): number {
  const index = DURATION_BOUNDS_S.findIndex((bound) => value <= bound);
  return index === -1 ? DURATION_BOUNDS_S.length : index;
}

/** Returns the sample, or why it is none. */
function readSample(given: unknown): Sample | string {
  if (typeof given !== "object" || given === null) return "a sample that is no object";
  const { name, type, value, help = "", labels = {} } = given as Readonly<Record<string, unknown>>;
  if (typeof name !== "string" || !NAME.test(name) || OWN_NAME.test(name)) return "a sample without a name of its own";
  if (type !== "counter" && type !== "gauge" && type !== "histogram") return `${name}: its type is none`;
  if (typeof value !== "number" || !Number.isFinite(value)) return `${name}: its value is no number`;
  if (type !== "gauge" && value < 0) return `${name}: a ${type} takes no negative value`;
  if (typeof help !== "string" || help.length > TEXT_LENGTH_MAX) return `${name}: its help is too long`;
  if (typeof labels !== "object" || labels === null) return `${name}: its labels are no object`;
  const entries = Array.isArray(labels) ? [] : Object.entries(labels as Readonly<Record<string, unknown>>);
  if (entries.length > LABEL_COUNT_MAX) return `${name}: it has more than ${LABEL_COUNT_MAX} labels`;
  for (const [label, text] of entries) {
    if (!NAME.test(label) || OWN_LABELS.has(label)) return `${name}: a label has no name of its own`;
    if (typeof text !== "string" || text.length > TEXT_LENGTH_MAX) {
      return `${name}: the value of a label is no text of at most ${TEXT_LENGTH_MAX} characters`;
    }
  }
  const shown = type === "counter" && !name.endsWith("_total") ? `${name}_total` : name;
  return { name: shown, type, value, help, labels: Object.fromEntries(entries) as Record<string, string> };
}
