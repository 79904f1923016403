import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { EXIT_CODE } from "../../base/exit-code.ts";
import { CONFIG_FILE_NAMES, findConfigFiles } from "../../config/sources/config-file.ts";
import type { ConfigSystem } from "../../config/config-system.ts";
import type { Command } from "../command.ts";
import { withPagePaths } from "../page-path.ts";
import { findProject } from "./find-project.ts";
import { ProjectFolder } from "./project.ts";
import { HOW_TO_START_UPSTREAM, renderProject } from "./render-project.ts";
import { UsageError } from "../usage-error.ts";

/** Where npm puts the schema beside an app; a file that names it has completion and checks in editors. */
const SCHEMA_PATH = "node_modules/vilya/docs/reference/vilya.schema.json";

/** No source that people write is longer; what is longer is not looked into. */
const SOURCE_BYTES_MAX = 1024 * 1024;

/** Writes a first configuration for the folder it is run in. */
export const initCommand: Command = {
  name: "init",
  summary: "Write a configuration for what is in this folder",
  description:
    "Looks for a PHP, Python, TypeScript or JavaScript app and for files to serve, and writes vilya.yaml with comments. What is there is never overwritten.",
  flags: [],
  async run({ terminal, system }) {
    const [name] = CONFIG_FILE_NAMES;
    const [existing] = findConfigFiles(system);
    if (existing !== undefined)
      throw refusal(`${existing} is there already, a folder without one`, `try: vilya config check`);
    const project = findProject(folderOf(system));
    if (project.apps.length === 0 && project.upstream === null && project.publicRoot === null) {
      const state =
        "neither an app nor files to serve were found, one of worker.php, composer.json, main.py with an ASGI or WSGI app, pyproject.toml, server.ts with a default export or Bun.serve, or public/index.html";
      throw refusal(state, "try: in the folder of the app; docs/start.md has configurations to begin with");
    }
    try {
      // Only a new file: what came between the look above and now is not overwritten either.
      const hasSchema = system.kindOf(join(system.cwd, SCHEMA_PATH)) === "file";
      const schema = hasSchema ? `# yaml-language-server: $schema=${SCHEMA_PATH}\n` : "";
      writeFileSync(join(system.cwd, name), schema + renderProject(project), { flag: "wx" });
    } catch (error) {
      throw refusal(
        `writing ${name} failed (${(error as Error).message}), a folder that may be written`,
        "try: ls -ld .",
      );
    }
    terminal.out(`wrote ${name}\n`);
    for (const { runtime, sign, missing } of project.apps) {
      terminal.out(`  ${runtime}: ${sign}\n`);
      if (missing !== null) terminal.out(`  left to do: ${withPagePaths(missing)}\n`);
    }
    if (project.upstream !== null) {
      terminal.out(`  upstream: ${project.upstream.sign}\n  left to do: ${HOW_TO_START_UPSTREAM}\n`);
    }
    if (project.publicRoot !== null) terminal.out(`  files: ${project.publicRoot}\n`);
    terminal.out("  try: vilya dev\n");
    return EXIT_CODE.ok;
  },
};

function refusal(state: string, hint: string): UsageError {
  return new UsageError(`Cannot write a configuration: ${state} is allowed`, hint);
}

function folderOf(system: ConfigSystem): ProjectFolder {
  const at = (path: string): string => join(system.cwd, path);
  return new ProjectFolder(
    (path) =>
      system.kindOf(at(path)) === "file" &&
      system.sizeOf(at(path)) <= SOURCE_BYTES_MAX &&
      system.mayUse(at(path), "read"),
    (path) => new TextDecoder().decode(system.read(at(path))),
  );
}
