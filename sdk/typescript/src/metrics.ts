import type { Action } from "./context.ts";

/** What workers send samples to (docs/reference/wire.md, W2.80). */
const TOPIC = "$metrics";

/** Names and values of labels. Values have to be few: each one is a series. */
export type MetricLabels = Readonly<Record<string, string>>;

/**
 * Metrics of the app, which the engine adds up over all workers and shows beside its own on `/metrics`, with the label `app`. A metric keeps
 * the type and the names of labels that it began with.
 */
export class Metrics {
  readonly #act: (action: Action) => void;

  /** @internal */
  constructor(act: (action: Action) => void) {
    this.#act = act;
  }

  /** Something has happened. The engine's name for it ends in `_total`. */
  count(name: string, by: number = 1, labels: MetricLabels = {}, help: string = ""): void {
    this.#send({ name, type: "counter", value: by, labels, help });
  }

  /** Something has this size now; the last worker to say so is right. */
  gauge(name: string, value: number, labels: MetricLabels = {}, help: string = ""): void {
    this.#send({ name, type: "gauge", value, labels, help });
  }

  /** Something took this long, in seconds: histograms have the bounds of the engine's own, from 0.5 ms to 30 s. */
  observe(name: string, seconds: number, labels: MetricLabels = {}, help: string = ""): void {
    this.#send({ name, type: "histogram", value: seconds, labels, help });
  }

  #send(sample: Readonly<Record<string, unknown>>): void {
    this.#act({ do: "publish", topic: TOPIC, data: JSON.stringify([sample]) });
  }
}
