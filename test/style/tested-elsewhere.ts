/**
 * Files of `src/` that run only as a process of their own, and the suite that tests them.
 * Everything else is imported by a test, or has a `<stem>.test.ts`.
 */
export const TESTED_ELSEWHERE: Readonly<Record<string, string>> = {
  "src/engine/front-main.ts": "test/integration/processes.test.ts",
  "src/engine/front-role.ts": "test/integration/processes.test.ts",
  "src/engine/front.ts": "test/integration/processes.test.ts",
  "src/engine/serve.ts": "test/integration/processes.test.ts",
};
