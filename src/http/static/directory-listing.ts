import type { StaticSite } from "./static-site.ts";

/** Entries that are shown of one directory. */
export const LISTED_COUNT_MAX = 10_000;

const ESCAPED: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

const STYLE =
  "body{font:1rem/1.6 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color-scheme:light dark}ul{list-style:none;padding:0}";

/**
 * Shows what is served of a directory, directories first, each in the order of names.
 *
 * @param shownPath the path as the client wrote it.
 * @returns `null` when the directory cannot be read any more.
 */
export function renderListing(site: StaticSite, directory: string, shownPath: string, nowMs: number): string | null {
  const entries = site.list(directory, nowMs, LISTED_COUNT_MAX);
  if (entries === null) return null;
  const title = `Index of ${escapeHtml(shownPath)}`;
  const items = entries
    .toSorted((a, b) => Number(b.isDirectory) - Number(a.isDirectory) || (a.name < b.name ? -1 : 1))
    .map(({ name, isDirectory }) => item(name, isDirectory));
  if (directory !== "") items.unshift('<li><a href="../">../</a></li>');
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title><style>${STYLE}</style></head>
<body><h1>${title}</h1><ul>
${items.join("\n")}
</ul></body></html>
`;
}

/** `./` keeps a name with a colon from being read as a scheme. */
function item(name: string, isDirectory: boolean): string {
  const slash = isDirectory ? "/" : "";
  return `<li><a href="./${escapeHtml(encodeURIComponent(name))}${slash}">${escapeHtml(name)}${slash}</a></li>`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ESCAPED[character]!);
}
