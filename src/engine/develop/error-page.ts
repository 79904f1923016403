import { reasonPhrase } from "../../protocols/http/status.ts";
import { scriptElement } from "./page-script.ts";
import type { SourceFrame } from "./source-frame.ts";

/** What an error page tells a developer. */
export interface ErrorFacts {
  readonly status: number;
  /** One sentence, or the first line of what was thrown. */
  readonly title: string;
  /** With the stack; empty when there is none. */
  readonly detail: string;
  readonly frame: SourceFrame | null;
  readonly app: string | null;
  /** Method and target; `null` when the page is not about a request. */
  readonly request: string | null;
  readonly fields: readonly (readonly [name: string, value: string])[];
  /** What workers have written to STDERR, oldest line first. */
  readonly output: readonly string[];
}

/** Values that a page, which may be shown around, does not have. */
const SECRET_FIELDS: ReadonlySet<string> = new Set(["authorization", "cookie", "proxy-authorization", "x-api-key"]);

const STYLE = `
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif }
body { max-width: 62rem; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.4rem; overflow-wrap: anywhere } h2 { font-size: 1rem; margin: 2rem 0 .5rem }
.status { color: #d33; font-weight: 600 }
pre { overflow-x: auto; padding: .75rem 1rem; border-radius: .5rem; background: color-mix(in srgb, currentColor 7%, transparent); font: 13px/1.55 ui-monospace, monospace }
.here { display: block; background: color-mix(in srgb, #d33 22%, transparent) }
table { border-spacing: 0 } th { text-align: left; font-weight: 400; opacity: .7; padding-right: 1.5rem; vertical-align: top } td { overflow-wrap: anywhere }
`;

/** A whole page; everything in it is escaped. It loads itself again when the code changes. */
export function renderErrorPage(facts: ErrorFacts): string {
  const { status, title, detail, frame, app, request, fields, output } = facts;
  const parts = [
    `<p class="status">${status} ${reasonPhrase(status)}${app === null ? "" : ` in ${escape(app)}`}</p>\n<h1>${escape(title)}</h1>`,
    frame === null ? "" : section(`${frame.path}:${frame.line}`, `<pre>${renderFrame(frame)}</pre>`),
    detail === "" ? "" : section("Stack", `<pre>${escape(detail)}</pre>`),
    output.length === 0 ? "" : section("STDERR", `<pre>${escape(output.join("\n"))}</pre>`),
    request === null
      ? ""
      : section("Request", `<pre>${escape(request)}</pre>\n<table>${fields.map(renderField).join("")}</table>`),
  ];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${status} ${escape(title)}</title>
<style>${STYLE}</style>
</head>
<body>
${parts.filter((part) => part !== "").join("\n")}
<p><small>Only <code>vilya dev</code> shows this page. Save a file, and it loads again.</small></p>
${scriptElement(null)}
</body>
</html>
`;
}

function section(title: string, content: string): string {
  return `<h2>${escape(title)}</h2>\n${content}`;
}

function renderFrame({ lines, line }: SourceFrame): string {
  const width = String(lines.at(-1)?.number ?? 0).length;
  return lines
    .map(({ number, text }) => {
      const row = escape(`${String(number).padStart(width)}  ${text}`);
      return number === line ? `<span class="here">${row}</span>` : `${row}\n`;
    })
    .join("");
}

function renderField([name, value]: readonly [string, string]): string {
  const shown = SECRET_FIELDS.has(name.toLowerCase()) ? "(hidden)" : value;
  return `<tr><th>${escape(name)}</th><td>${escape(shown)}</td></tr>`;
}

function escape(text: string): string {
  return Bun.escapeHTML(text);
}
