import type { SettingsScope } from "../settings-scope.ts";
import type { UploadsConfig } from "../uploads-config.ts";
import { uploadsFields as fields } from "../options/uploads-options.ts";

/** What an app's workers get of forms. */
export function resolveUploads(scope: SettingsScope): UploadsConfig {
  return {
    isEnabled: scope.value(fields.enabled),
    limits: {
      fieldCountMax: scope.value(fields.maxFields),
      fileCountMax: scope.value(fields.maxFiles),
      nameBytesMax: scope.value(fields.maxNameSize),
      partHeaderBytesMax: scope.value(fields.maxHeaderSize),
      fieldBytesMax: scope.value(fields.maxFieldSize),
      fieldsBytesMax: scope.value(fields.maxFieldsSize),
      // The limit of bodies holds in any case.
      fileBytesMax: scope.value(fields.maxFileSize) ?? Number.MAX_SAFE_INTEGER,
    },
  };
}
