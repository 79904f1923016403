import type { FoundApp, ProjectFolder } from "./project.ts";

const STEMS = ["server", "src/server", "app", "src/app", "index", "src/index", "main", "src/main"];
const ENDINGS = [".ts", ".tsx", ".mts", ".js", ".mjs"];

/** A module that can be served has one; a module without one opens a port of its own. */
const DEFAULT_EXPORT = /^export default\b|^export \{[^}]*\bas default\b/m;

const NO_EXPORT =
  "have the module export default { fetch(request) { … } } instead of listening on a port: docs/guides/typescript.md";

/** A TypeScript or JavaScript app: a module with a default export, where package.json or people put it. */
export function findScriptApp(folder: ProjectFolder): FoundApp | null {
  const manifest = folder.json("package.json");
  const named = [manifest["module"], manifest["main"]].filter((path) => typeof path === "string");
  const usual = STEMS.flatMap((stem) => ENDINGS.map((ending) => stem + ending));
  const paths = [...named.map((path) => path.replace(/^\.\//, "")), ...usual].filter((path) => folder.has(path));
  const entry = paths.find((path) => DEFAULT_EXPORT.test(folder.text(path)));
  const runtime = isForNode(folder, manifest, entry ?? paths[0] ?? "") ? "node" : "bun";
  if (entry !== undefined) return { runtime, entry, sign: entry, missing: null };
  const [listening] = paths;
  // A package.json alone may as well be there for the tools that build a page.
  if (listening === undefined || !folder.has("package.json")) return null;
  return { runtime, entry: listening, sign: `package.json, ${listening}`, missing: NO_EXPORT };
}

/** Bun is there anyway and runs what Node.js runs; who says Node.js gets it. */
function isForNode(folder: ProjectFolder, manifest: Readonly<Record<string, unknown>>, entry: string): boolean {
  if (folder.first(["bun.lock", "bun.lockb", "bunfig.toml"]) !== null || /\.[mc]?tsx?$/.test(entry)) return false;
  const { engines } = manifest;
  return engines !== null && typeof engines === "object" && "node" in engines;
}
