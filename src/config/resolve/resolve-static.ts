import { resolve } from "node:path";

import type { SettingsScope } from "../settings-scope.ts";
import type { SendfileConfig, StaticConfig } from "../static-config.ts";
import { sendfileRoots, staticFields as fields } from "../options/static-options.ts";

/** Makes the root absolute, where there is one. */
export function deriveStaticRoot(scope: SettingsScope, { cwd }: { readonly cwd: string }): void {
  const root = scope.value(fields.root);
  if (root !== null) scope.derive(fields.root, resolve(cwd, root));
}

/** The folders whose files an app may have sent by naming them; longer prefixes first, so that the nearest counts. */
export function resolveSendfile(scope: SettingsScope, { cwd }: { readonly cwd: string }): readonly SendfileConfig[] {
  return Object.entries(scope.entries(sendfileRoots))
    .map(([prefix, directory]) => ({ prefix, directory: resolve(cwd, directory) }))
    .toSorted((a, b) => b.prefix.length - a.prefix.length);
}

/** The files of an app or a route; null where it has none. */
export function resolveStatic(scope: SettingsScope): StaticConfig | null {
  const root = scope.value(fields.root);
  if (root === null) return null;
  return {
    root,
    prefix: scope.value(fields.stripPrefix) ?? "",
    indexNames: [...scope.value(fields.index)],
    fallbackPath: scope.value(fields.fallback)?.replace(/^\//, "") ?? null,
    showsListing: scope.value(fields.listing),
    precompressed: [...scope.value(fields.precompressed)],
    cacheRules: Object.entries(scope.entries(fields.cacheControl)).map(([pattern, value]) => ({ pattern, value })),
    deniedPatterns: [...scope.value(fields.deny)],
    symlinks: scope.value(fields.symlinks),
    cacheBytesMax: scope.value(fields.cacheSize),
    cachedFileBytesMax: scope.value(fields.cacheFileSize),
    revalidateMs: scope.value(fields.revalidate),
  };
}
