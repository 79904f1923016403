/** What tools and apps write for themselves, and what packages bring: nobody edits it, and some of it changes with every request. */
const IGNORED_FOLDERS: ReadonlySet<string> = new Set([
  ".cache",
  ".git",
  ".hg",
  ".idea",
  ".mypy_cache",
  ".next",
  ".nuxt",
  ".pytest_cache",
  ".ruff_cache",
  ".svn",
  ".tox",
  ".venv",
  ".vscode",
  "__pycache__",
  "coverage",
  "node_modules",
  "site-packages",
  "storage",
  "var",
  "vendor",
  "venv",
]);

/** What editors put beside a file while they save it: of Vim, Emacs, Kate, GNOME, JetBrains and of atomic writers. */
const EDITOR_FILE =
  /(?:^\.#|^#.*#$|~$|\.sw[a-z]$|^4913$|^\.goutputstream-|___jb_(?:tmp|old)___$|\.(?:tmp|temp|bak|orig)$|^\.DS_Store$)/;

/** What apps write while they run. */
const WRITTEN_FILE = /\.(?:log|pid|sock|pyc|sqlite3?|db)(?:-(?:journal|wal|shm))?$/;

/** What apps are written in, and what they read when they start. Everything else in an app's folder may be what it writes. */
const SOURCE_FILE =
  /\.(?:php|phtml|inc|twig|latte|neon|pyi?|jinja2?|j2|[cm]?[jt]sx?|vue|svelte|astro|wasm|html?|css|scss|json[5c]?|ya?ml|toml|ini|conf|xml|sql|graphql|gql|proto|po|mo|md|lock)$|^\.env(?:\.|$)/;

/** Whether an app may have to be started anew when this file changes. */
export function isSourcePath(path: string): boolean {
  return SOURCE_FILE.test(path.slice(path.lastIndexOf("/") + 1));
}

/** Whether a change at `path`, relative to a folder that is watched, says nothing about its code. Folders are asked about before what is in them. */
export function isIgnoredPath(path: string): boolean {
  const segments = path.split("/");
  const name = segments.at(-1) ?? "";
  return segments.some((segment) => IGNORED_FOLDERS.has(segment)) || EDITOR_FILE.test(name) || WRITTEN_FILE.test(name);
}
