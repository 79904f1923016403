import { VilyaError } from "../base/errors.ts";
import { escapeUnprintable } from "../base/printable.ts";
import { renderOrigin } from "../config/origin.ts";
import { type ConfigProblem, ConfigProblemsError } from "../config/problem.ts";
import { TlsFilesError } from "../engine/listeners/tls-files.ts";
import type { Terminal } from "./command.ts";
import { EXIT_CODE } from "../base/exit-code.ts";
import { withPagePaths } from "./page-path.ts";
import { UsageError } from "./usage-error.ts";

/**
 * Tells a person what went wrong, where, and what to try next, and returns the exit code for it. Operating errors get no stack; anything
 * else is a bug of ours and does.
 */
export function reportError(error: unknown, terminal: Terminal): number {
  if (error instanceof ConfigProblemsError) {
    for (const problem of error.problems) terminal.err(renderProblem("error", problem));
    return EXIT_CODE.config;
  }
  if (error instanceof VilyaError) {
    // An error may know the places and the way out: a busy port blames the line that names it.
    const { message, origins = [], hint = null } = error as VilyaError & Partial<ConfigProblem>;
    terminal.err(renderProblem("error", { message, origins, hint }));
    if (error instanceof TlsFilesError) return EXIT_CODE.config;
    return error instanceof UsageError ? EXIT_CODE.usage : EXIT_CODE.failure;
  }
  terminal.err(`error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return EXIT_CODE.failure;
}

/** `error: <what>`, then `at <where>` for each place and the hint, indented. */
export function renderProblem(severity: "error" | "warning", { message, origins, hint }: ConfigProblem): string {
  const lines = [
    `${severity}: ${message.charAt(0).toLowerCase()}${message.slice(1)}`,
    ...origins.map((origin) => `  at ${renderOrigin(origin)}`),
    ...(hint === null ? [] : [`  ${withPagePaths(hint)}`]),
  ];
  return lines.map((line) => `${escapeUnprintable(line)}\n`).join("");
}
