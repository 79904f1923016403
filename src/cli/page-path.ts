import { existsSync } from "node:fs";
import { join } from "node:path";

/** What the package's pages are relative to. The single executable has no pages there. */
const PACKAGE_ROOT = join(import.meta.dirname, "../..");

/** A text whose pages (`docs/guides/php.md`) are paths that can be opened: people are in the folder of their app, not in Vilya's. */
export function withPagePaths(text: string): string {
  return text.replaceAll(/\bdocs\/[\w/-]+\.md\b/g, (page) => {
    const path = join(PACKAGE_ROOT, page);
    return existsSync(path) ? path : page;
  });
}
