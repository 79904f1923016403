import uplotScript from "uplot/dist/uPlot.iife.min.js" with { type: "text" };
import uplotStyle from "uplot/dist/uPlot.min.css" with { type: "text" };

import type { ApiAnswer } from "../api/api-operation.ts";
import actionsScript from "./client/actions.js" with { type: "text" };
import chartsScript from "./client/charts.js" with { type: "text" };
import elementsScript from "./client/elements.js" with { type: "text" };
import feedScript from "./client/feed.js" with { type: "text" };
import formatScript from "./client/format.js" with { type: "text" };
import frontsScript from "./client/fronts.js" with { type: "text" };
import logScript from "./client/log.js" with { type: "text" };
import mainScript from "./client/main.js" with { type: "text" };
import tablesScript from "./client/tables.js" with { type: "text" };
import icon from "./icon.svg" with { type: "text" };
import page from "./page.html" with { type: "text" };
import style from "./style.css" with { type: "text" };

/** Nothing comes from elsewhere, nothing runs that is not a file of ours, and no page may have this one in a frame. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const SCRIPT = "text/javascript; charset=utf-8";
const STYLE = "text/css; charset=utf-8";

/** What the dashboard is made of, by path: text that is in the program, whatever that was packed into. */
const FILES: Readonly<Record<string, readonly [type: string, text: string]>> = {
  // The runtime's types know the import of a page as a bundle; as text it is text.
  "/": ["text/html; charset=utf-8", page as unknown as string],
  "/dashboard/style.css": [STYLE, style],
  "/dashboard/uplot.css": [STYLE, uplotStyle],
  "/dashboard/uplot.js": [SCRIPT, uplotScript],
  "/dashboard/icon.svg": ["image/svg+xml", icon],
  "/dashboard/actions.js": [SCRIPT, actionsScript],
  "/dashboard/charts.js": [SCRIPT, chartsScript],
  "/dashboard/elements.js": [SCRIPT, elementsScript],
  "/dashboard/feed.js": [SCRIPT, feedScript],
  "/dashboard/format.js": [SCRIPT, formatScript],
  "/dashboard/fronts.js": [SCRIPT, frontsScript],
  "/dashboard/log.js": [SCRIPT, logScript],
  "/dashboard/main.js": [SCRIPT, mainScript],
  "/dashboard/tables.js": [SCRIPT, tablesScript],
};

/** The file of the dashboard at a path; `null` for any other path. It says nothing of the instance: that comes over the control API. */
export function findPage(path: string): ApiAnswer | null {
  if (!Object.hasOwn(FILES, path)) return null;
  const [type, text] = FILES[path]!;
  const fields = { "Content-Type": type, "Content-Security-Policy": POLICY, "Referrer-Policy": "no-referrer" };
  return { status: 200, body: text, fields };
}
