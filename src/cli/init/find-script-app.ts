import type { FoundApp, ProjectFolder } from "./project.ts";

const STEMS = ["server", "src/server", "app", "src/app", "index", "src/index", "main", "src/main"];
const ENDINGS = [".ts", ".tsx", ".mts", ".js", ".mjs"];

/** A module that can be served has one, or exports its `fetch` by name; a module without one opens a port of its own. */
const APP_EXPORT = /^export default\b|^export \{[^}]*\bas default\b|^export (?:const|(?:async )?function) fetch\b/m;

/** What opens that port by `Bun.serve` gives its app away by it. */
const SERVES_ON_BUN = /\bBun\.serve\b|\bfrom ["']bun["']|\bfrom ["']elysia["'][^]*\.listen\(/;

const NO_EXPORT =
  "have the module export default { fetch(request) { … } } instead of listening on a port: docs/guides/typescript.md";

/** A TypeScript or JavaScript app: a module that exports it or gives it to `Bun.serve`, where package.json or people put it. */
export function findScriptApp(folder: ProjectFolder): FoundApp | null {
  const manifest = folder.json("package.json");
  const named = [manifest["module"], manifest["main"]].filter((path) => typeof path === "string");
  const usual = STEMS.flatMap((stem) => ENDINGS.map((ending) => stem + ending));
  const paths = [...named.map((path) => path.replace(/^\.\//, "")), ...usual].filter((path) => folder.has(path));
  const entry = paths.find((path) => APP_EXPORT.test(folder.text(path)));
  const serving = entry === undefined ? paths.find((path) => SERVES_ON_BUN.test(folder.text(path))) : undefined;
  if (serving !== undefined) return { runtime: "bun", entry: serving, sign: serving, missing: null };
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
