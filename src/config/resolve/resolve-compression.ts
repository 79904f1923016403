import type { CompressionConfig } from "../compression-config.ts";
import { compressionFields as fields } from "../options/compression-options.ts";
import type { SettingsScope } from "../settings-scope.ts";

/** How an app's or a route's answers are compressed; null where they are not. */
export function resolveCompression(scope: SettingsScope): CompressionConfig | null {
  if (!scope.value(fields.enabled)) return null;
  return {
    codings: [...scope.value(fields.codings)],
    bytesMin: scope.value(fields.minSize),
    types: scope.value(fields.types).map((type) => type.toLowerCase()),
    effort: scope.value(fields.effort),
    jobCountMax: scope.value(fields.maxJobs),
    streamCountMax: scope.value(fields.maxStreams),
  };
}
