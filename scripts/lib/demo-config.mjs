import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { parse } from "yaml";
import { inRepository } from "./repository.mjs";

const CONFIG = inRepository("examples/demo/vilya.yaml");
const REDUCED_CONFIG = inRepository("node_modules/.cache/demo.yaml");

/**
 * The demo's configuration for this machine: its own file, or without what is missing a copy of it.
 * @param {Readonly<Record<string, string>>} missing names of apps, with what to type for them.
 * @returns {string} the file's path.
 */
export function demoConfigFile(missing) {
  if (Object.keys(missing).length === 0) return CONFIG;
  mkdirSync(dirname(REDUCED_CONFIG), { recursive: true });
  writeFileSync(REDUCED_CONFIG, withoutApps(readFileSync(CONFIG, "utf8"), missing));
  return REDUCED_CONFIG;
}

/**
 * A configuration in which a fixed answer, 503 with what to type, takes the place of each app that cannot run.
 * @param {string} text
 * @param {Readonly<Record<string, string>>} missing names of apps, with what to type for them.
 */
export function withoutApps(text, missing) {
  const config = /** @type {{ apps: Record<string, unknown>, routes: Record<string, unknown>[] }} */ (parse(text));
  for (const [app, hint] of Object.entries(missing)) {
    delete config.apps[app];
    for (const route of config.routes) {
      if (route["app"] !== app) continue;
      delete route["app"];
      route["respond"] = { status: 503, headers: { "Content-Type": "text/plain; charset=utf-8" }, body: hint };
    }
  }
  return `${JSON.stringify(config, null, 2)}\n`; // JSON is YAML.
}
