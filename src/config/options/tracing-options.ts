import type { Option, OptionMap, Section } from "./option.ts";
import { boolean, text } from "../types/option-type.ts";
import { percentage } from "../types/quantity.ts";

export const tracingEndpoint: Option<string | null> = {
  kind: "value",
  key: "tracing.endpoint",
  type: text({
    pattern: /^https?:\/\/[^\s/?#@]+(?:\/[^\s?#]*)?$/,
    allowed: "the URL of an OTLP collector, such as http://127.0.0.1:4318,",
  }),
  default: null,
  defaultRule: "none: no traces",
  summary:
    "Where spans of requests are sent, by OTLP over HTTP with JSON. Without a path `/v1/traces` is added. What the collector does not take, or not within 5 s, is dropped and counted: requests never wait for it.",
  replaces: "front",
};

export const tracingSample: Option<number> = {
  kind: "value",
  key: "tracing.sample",
  type: percentage({ min: 0, max: 100 }),
  default: 0.01,
  summary:
    "Share, in percent, of requests that are traced, of those that bring no decision of their own (`traceparent`).",
  replaces: "front",
};

export const tracingFollow: Option<boolean> = {
  kind: "value",
  key: "tracing.follow",
  type: boolean(),
  default: true,
  summary:
    "Whether a request's `traceparent` is believed: its trace is continued, and traced as its sender has decided.",
  guards: "With `false` clients cannot have all of their requests traced.",
  replaces: "front",
};

export const tracingHeaders: OptionMap = {
  kind: "map",
  key: "tracing.headers",
  entryName: { pattern: /^[A-Za-z0-9-]{1,64}$/, allowed: "the name of a header" },
  entryType: text({ allowed: "one line of text" }),
  isSecret: true,
  summary: "Headers for the collector by name, such as `Authorization`. Values are not shown by `config show`.",
  replaces: "front",
};

/** The `tracing` section. */
export const tracingSection: Section = {
  key: "tracing",
  summary: "Traces of requests for OpenTelemetry: [observing](../guides/observe.md).",
  options: [tracingEndpoint, tracingSample, tracingFollow, tracingHeaders],
};
