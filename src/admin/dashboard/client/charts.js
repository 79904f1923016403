import { make, setText } from "./elements.js";
import { bytes, milliseconds, rate } from "./format.js";

/** The charts: what each shows, by which colour, in which unit. */
const CHARTS = [
  {
    id: "chart-rate",
    title: "Throughput",
    show: (value) => `${rate(value)}/s`,
    series: [
      { label: "requests", key: "requestsPerS", colour: "--accent", isFilled: true },
      { label: "errors", key: "errorsPerS", colour: "--bad" },
    ],
  },
  {
    id: "chart-latency",
    title: "Latency",
    show: milliseconds,
    series: [
      { label: "p50", key: "p50Ms", colour: "--calm" },
      { label: "p95", key: "p95Ms", colour: "--accent", isFilled: true },
      { label: "p99", key: "p99Ms", colour: "--deep" },
    ],
  },
  {
    id: "chart-workers",
    title: "Workers and queue",
    show: (value) => String(Math.round(value)),
    series: [
      { label: "ready", key: "workerCount", colour: "--soft" },
      { label: "busy", key: "busyCount", colour: "--accent", isFilled: true },
      { label: "waiting", key: "waitingCount", colour: "--warn" },
    ],
  },
  {
    id: "chart-memory",
    title: "Memory of workers",
    show: bytes,
    // Powers of two, from a megabyte on.
    steps: Array.from({ length: 24 }, (_, power) => 2 ** (20 + power)),
    series: [{ label: "resident", key: "workerBytes", colour: "--deep", isFilled: true }],
  },
];

const HEIGHT = 150;
const SPAN_S = 600;

/** Draws points as they come. */
export class Charts {
  #points = [];
  #drawn = [];

  constructor() {
    this.#build();
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.restyle());
    new ResizeObserver(() => this.#resize()).observe(document.querySelector(".charts"));
  }

  set points(points) {
    this.#points = points;
    this.#draw();
  }

  add(point) {
    // A clock that was set back: what it now calls the future is gone.
    while (this.#points.at(-1)?.atMs >= point.atMs) this.#points.pop();
    this.#points.push(point);
    const oldest = point.atMs - SPAN_S * 1_000;
    while (this.#points[0].atMs < oldest) this.#points.shift();
    this.#draw();
  }

  /** Colours are drawn, not styled: another theme draws anew. */
  restyle() {
    for (const { plot } of this.#drawn) plot.destroy();
    this.#build();
    this.#draw();
  }

  #build() {
    this.#drawn = CHARTS.map((chart) => {
      const figure = document.getElementById(chart.id);
      const values = chart.series.map(({ label, colour }) => {
        const swatch = make("i", "");
        swatch.style.background = `var(${colour})`;
        const text = document.createTextNode(label);
        return { element: make("span", "", swatch, text), text };
      });
      const caption = make("figcaption", "", make("h2", "", chart.title), ...values.map(({ element }) => element));
      const canvas = make("div", "");
      canvas.setAttribute("role", "img");
      figure.replaceChildren(caption, canvas);
      const plot = new uPlot(this.#optionsOf(chart, values, canvas), [[], ...chart.series.map(() => [])], canvas);
      return { chart, canvas, values, plot };
    });
  }

  #optionsOf(chart, values, canvas) {
    const style = getComputedStyle(document.documentElement);
    const colourOf = (name) => resolve(style.getPropertyValue(name));
    const axis = { stroke: colourOf("--soft"), font: "11px system-ui, sans-serif", ticks: { show: false } };
    const grid = { stroke: colourOf("--line"), width: 1 };
    return {
      width: widthOf(canvas),
      height: HEIGHT,
      legend: { show: false },
      padding: [8, 4, 0, 0],
      cursor: { y: false, points: { size: 7 } },
      scales: { x: { time: true }, y: { range: (_, low, high) => [0, Math.max(high * 1.15, low === 0 ? 1 : 0, 1)] } },
      axes: [
        { ...axis, grid: { show: false }, size: 24, space: 64, values: (_, times) => times.map(timeShown(times)) },
        { ...axis, grid, size: 62, incrs: chart.steps, values: (_, marks) => marks.map(chart.show) },
      ],
      series: [
        {},
        ...chart.series.map(({ colour, isFilled }) => ({
          stroke: colourOf(colour),
          width: 1.75,
          points: { show: false },
          spanGaps: true,
          ...(isFilled && { fill: `${colourOf(colour)}1f` }),
        })),
      ],
      hooks: { setCursor: [({ cursor: { idx } }) => this.#tell(chart, values, idx)] },
    };
  }

  #draw() {
    const times = this.#points.map(({ atMs }) => atMs / 1_000);
    for (const { chart, canvas, values, plot } of this.#drawn) {
      plot.setData([times, ...chart.series.map(({ key }) => this.#points.map((point) => point[key]))]);
      if (times.length > 0) plot.setScale("x", { min: Math.max(times[0], times.at(-1) - SPAN_S), max: times.at(-1) });
      this.#tell(chart, values, plot.cursor.idx);
      const now = chart.series.map(({ label, key }) => `${label} ${this.#show(chart, key, null)}`).join(", ");
      canvas.setAttribute("aria-label", `${chart.title} over the last minutes; now ${now}`);
    }
  }

  /** Writes the values under the cursor into the caption, or the last ones. */
  #tell(chart, values, index) {
    for (const [order, { label, key }] of chart.series.entries()) {
      setText(values[order].text, `${label} ${this.#show(chart, key, index)}`);
    }
  }

  #show(chart, key, index) {
    const point = this.#points[index ?? this.#points.length - 1];
    const value = point?.[key] ?? null;
    return value === null ? "–" : chart.show(value);
  }

  #resize() {
    for (const { canvas, plot } of this.#drawn) {
      const width = widthOf(canvas);
      if (width > 0 && width !== plot.width) plot.setSize({ width, height: HEIGHT });
    }
  }
}

function widthOf(canvas) {
  return canvas.parentElement.clientWidth - 32;
}

/** Seconds, where minutes would say the same several times. */
function timeShown(times) {
  const isShort = times.length > 1 && times[1] - times[0] < 60;
  const second = isShort ? "2-digit" : undefined;
  return (time) => new Date(time * 1_000).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit", second });
}

/** What a canvas can draw with, as `#rrggbb`: it knows nothing of `light-dark()`. */
function resolve(colour) {
  const probe = make("span", "");
  probe.style.color = colour;
  document.body.append(probe);
  const parts = getComputedStyle(probe).color.match(/\d+/g).slice(0, 3);
  probe.remove();
  return `#${parts.map((part) => Number(part).toString(16).padStart(2, "0")).join("")}`;
}
