import { findTestPython } from "../support/python.ts";
import { PYTHON_APPS } from "../support/python-app.ts";
import { testUserMetrics } from "../support/user-metrics.ts";

const python = {
  runtime: "python",
  binary: findTestPython(),
  cwd: PYTHON_APPS,
  env: { PYTHONDONTWRITEBYTECODE: "1" },
};

testUserMetrics("Python, with ASGI", { ...python, entry: "metered:app" });
testUserMetrics("Python, with WSGI", { ...python, entry: "metered:wsgi_app" });
