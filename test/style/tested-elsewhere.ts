/**
 * Files of `src/` without a test beside them whose logic another suite runs, and that suite. A file belongs here when it only makes
 * sense in a running server; everything else gets a `<stem>.test.ts`.
 */
export const TESTED_ELSEWHERE: Readonly<Record<string, string>> = {};
