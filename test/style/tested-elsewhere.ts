/**
 * Files of `src/` whose logic a suite runs without importing it, as a process of its own, and that suite. Everything else is imported
 * by a test, or has a `<stem>.test.ts`.
 */
export const TESTED_ELSEWHERE: Readonly<Record<string, string>> = {
  "src/engine/front-main.ts": "test/integration/processes.test.ts",
  "src/engine/front-role.ts": "test/integration/processes.test.ts",
  "src/engine/front.ts": "test/integration/processes.test.ts",
  "src/engine/serve.ts": "test/integration/processes.test.ts",
};
