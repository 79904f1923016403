import { compressionSection } from "./compression-options.ts";
import { runtime } from "./general-options.ts";
import type { FieldOption, OptionTable } from "./option.ts";
import { backpressureSection, queueSection, queueTimeoutSection } from "./overflow-options.ts";
import { phpSection } from "./php-options.ts";
import { pythonSection } from "./python-options.ts";
import { staticSection } from "./static-options.ts";
import { PROGRAM_OPTIONS } from "./program-options.ts";
import { uploadsSection } from "./uploads-options.ts";
import { workerSection } from "./worker-options.ts";

/** What describes one app: at the top of the file in the short form, under the app's name in `apps`. */
export const APP_FIELDS: readonly FieldOption[] = [
  runtime,
  ...PROGRAM_OPTIONS,
  ...[
    staticSection,
    compressionSection,
    uploadsSection,
    workerSection,
    backpressureSection,
    queueTimeoutSection,
    queueSection,
    phpSection,
    pythonSection,
  ].flatMap(({ options }) => options as readonly FieldOption[]),
];

/** The name of the one app of the short form. */
export const DEFAULT_APP = "default";

export const apps: OptionTable = {
  kind: "table",
  key: "apps",
  entryName: {
    pattern: /^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$/,
    allowed: "a name of 1 to 32 letters, digits, `_` and `-` that starts with a letter or digit",
  },
  fields: APP_FIELDS,
  fieldRule:
    "`runtime`, `entry`, `static`, `compress`, `workers`, `php` and so on, as they are described below for the top of the file",
  itemCountMax: 64,
  summary:
    "Several applications by their names, in the place of `runtime`, `workers` and `php` at the top of the file, which describe one app named `default`. Each has its own workers, limits and environment; `routes` say which requests are for which.",
  guards: "One app's load, leaks and crashes: it takes its own workers' time, and nobody else's.",
  replaces: "front",
};
