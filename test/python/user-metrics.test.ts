import { join } from "node:path";

import { findTestPython } from "../support/python.ts";
import { testUserMetrics } from "../support/user-metrics.ts";

const python = {
  runtime: "python",
  binary: findTestPython(),
  cwd: join(import.meta.dir, "../support/apps/python"),
  env: { PYTHONDONTWRITEBYTECODE: "1" },
};

testUserMetrics("Python, with ASGI", { ...python, entry: "metered:app" });
testUserMetrics("Python, with WSGI", { ...python, entry: "metered:wsgi_app" });
