import { assert } from "../base/assert.ts";
import { METRIC_FAMILIES, type MetricFamily, type MetricName } from "./metric-families.ts";

/** The two forms of exposition. Prometheus' text is what every scraper reads; OpenMetrics 1.0 is given to those that ask for it. */
export type MetricsFormat = "prometheus" | "openmetrics";

export const CONTENT_TYPES: Readonly<Record<MetricsFormat, string>> = {
  prometheus: "text/plain; version=0.0.4; charset=utf-8",
  openmetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8",
};

/** By an `Accept` field; what cannot be read is Prometheus' text. */
export function chooseMetricsFormat(accept: string | null): MetricsFormat {
  return accept?.includes("application/openmetrics-text") === true ? "openmetrics" : "prometheus";
}

/** Values of labels in the order of the family's names. */
type Labels = readonly string[];

/** Gathers samples and writes them, family by family, as scrapers want them: each family once, its samples together. */
export class MetricsText {
  readonly #format: MetricsFormat;
  readonly #samples = new Map<string, string[]>();
  /** Of metrics that are not the engine's. */
  readonly #described = new Map<string, MetricFamily>();

  constructor(format: MetricsFormat) {
    this.#format = format;
  }

  /** A sample of a counter or a gauge. */
  add(name: string, labels: Labels, value: number): void {
    this.#linesOf(name).push(`${name}${renderLabels(this.#familyOf(name).labels, labels)} ${renderNumber(value)}`);
  }

  /** A histogram; `counts` are of its buckets, one more than there are bounds. */
  addHistogram(
    name: string,
    labels: Labels,
    {
      bounds,
      counts,
      sum,
    }: { readonly bounds: readonly number[]; readonly counts: readonly number[]; readonly sum: number },
  ): void {
    const lines = this.#linesOf(name);
    const { labels: names } = this.#familyOf(name);
    let total = 0;
    for (const [index, count] of counts.entries()) {
      total += count;
      const bound = bounds[index];
      const shown = bound === undefined ? "+Inf" : renderNumber(bound);
      lines.push(`${name}_bucket${renderLabels([...names, "le"], [...labels, shown])} ${total}`);
    }
    lines.push(`${name}_sum${renderLabels(names, labels)} ${renderNumber(sum)}`);
    lines.push(`${name}_count${renderLabels(names, labels)} ${total}`);
  }

  /** Says what a metric is that is not the engine's, before its samples. */
  describe(name: string, family: MetricFamily): void {
    this.#described.set(name, family);
  }

  render(): string {
    let text = "";
    for (const [name, lines] of this.#samples) text += `${this.#renderHead(name)}${lines.join("\n")}\n`;
    return this.#format === "openmetrics" ? `${text}# EOF\n` : text;
  }

  #linesOf(name: string): string[] {
    let lines = this.#samples.get(name);
    if (lines === undefined) this.#samples.set(name, (lines = []));
    return lines;
  }

  #familyOf(name: string): MetricFamily {
    const family = METRIC_FAMILIES[name as MetricName] ?? this.#described.get(name);
    assert(family !== undefined, "every metric that is written is described");
    return family;
  }

  /** OpenMetrics names the family of a counter without `_total`, and wants units named. */
  #renderHead(name: string): string {
    const { type, help } = this.#familyOf(name);
    const shown = this.#format === "openmetrics" && type === "counter" ? name.replace(/_total$/, "") : name;
    return `# HELP ${shown} ${help.replaceAll("\\", "\\\\").replaceAll("\n", "\\n")}\n# TYPE ${shown} ${type}\n`;
  }
}

function renderLabels(names: readonly string[], values: Labels): string {
  if (names.length === 0) return "";
  const pairs = names.map((name, index) => `${name}="${escapeLabel(values[index] ?? "")}"`);
  return `{${pairs.join(",")}}`;
}

function escapeLabel(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}

/** JavaScript's shortest form is valid in both formats, but for the infinities. */
function renderNumber(value: number): string {
  if (Number.isFinite(value)) return String(value);
  return value > 0 ? "+Inf" : "NaN";
}
