import * as v from "valibot";

import { WORKER_COUNT_RANGE } from "../../config/options/worker-options.ts";
import type { ReloadReport } from "../reload-report.ts";
import type { UpgradeReport } from "../upgrade-report.ts";

const failure = v.pipe(
  v.nullable(v.strictObject({ reason: v.string(), stderr: v.array(v.string()) })),
  v.description("Null when new workers serve; else why the old ones stay, with the end of a new one's STDERR."),
);

const apps = v.array(v.strictObject({ app: v.string(), failure }));
const durationMs = v.pipe(v.number(), v.minValue(0));

/** What a reload has done. */
export const RELOAD: v.GenericSchema<ReloadReport> = v.strictObject({
  kind: v.picklist(["workers", "in-place", "new-front", "refused"]),
  reason: v.pipe(v.nullable(v.string()), v.description("Why it was refused.")),
  problems: v.pipe(
    v.array(v.strictObject({ problem: v.string(), at: v.array(v.string()) })),
    v.description("Every mistake in the configuration."),
  ),
  changes: v.pipe(
    v.array(v.strictObject({ key: v.string(), applied: v.picklist(["in-place", "new-front", "restart", "refused"]) })),
    v.description("Keys of the configuration that have changed, and how each was applied; `restart` waits for one."),
  ),
  apps,
  durationMs,
});

/** What an upgrade has done. */
export const UPGRADE: v.GenericSchema<UpgradeReport> = v.strictObject({
  kind: v.picklist(["upgraded", "refused"]),
  version: v.nullable(v.string()),
  masterPid: v.nullable(v.pipe(v.number(), v.integer())),
  reason: v.nullable(v.string()),
  apps,
  durationMs,
});

/** A number of workers that may be asked for. */
export const WORKER_COUNT: v.GenericSchema<number> = v.pipe(
  v.number(),
  v.integer(),
  v.minValue(WORKER_COUNT_RANGE.min),
  v.maxValue(WORKER_COUNT_RANGE.max),
);

/** What an app has been scaled to. */
export const POOL_SIZE: v.GenericSchema = v.strictObject({
  app: v.string(),
  workerCount: WORKER_COUNT,
  workerCountMin: WORKER_COUNT,
  workerCountMax: WORKER_COUNT,
});
