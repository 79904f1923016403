import { join } from "node:path";

import { testUserMetrics } from "../support/user-metrics.ts";

const SUPPORT = join(import.meta.dir, "../support");

testUserMetrics("PHP", { runtime: "php", php: { worker_script: join(SUPPORT, "workers/metrics.php") } });
testUserMetrics("TypeScript", { runtime: "bun", entry: join(SUPPORT, "apps/metrics.mjs") });
