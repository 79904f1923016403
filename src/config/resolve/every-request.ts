import type { AccessLogConfig } from "../logging-config.ts";
import { accessLogFields as fields } from "../options/access-log-options.ts";

/** What an access log says of its requests that has no conditions: all of them go to it. */
export const EVERY_REQUEST: Omit<AccessLogConfig, "file" | "format"> = {
  apps: [],
  listeners: [],
  statuses: [],
  paths: [],
  exceptPaths: [],
  durationMsMin: fields.minDuration.default,
  sampleShare: fields.sample.default,
  bufferBytes: fields.buffer.default,
};
