import { findPhpApp } from "./find-php-app.ts";
import { findPythonApp } from "./find-python-app.ts";
import { findScriptApp } from "./find-script-app.ts";
import { findUpstream } from "./find-upstream.ts";
import type { Project, ProjectFolder } from "./project.ts";

/** Where tools put the files that everybody may have, and the file that says that a folder is one. */
const PUBLIC_ROOTS = ["public", "static", "dist", "build", "."];

/** Looks at a folder; what it finds is a guess that a person reads. */
export function findProject(folder: ProjectFolder): Project {
  const script = findScriptApp(folder);
  // A module with a default export is served here, whatever other packages there are.
  const upstream = script === null || script.missing !== null ? findUpstream(folder) : null;
  const apps = [findPhpApp(folder), findPythonApp(folder), upstream === null ? script : null].filter(
    (app) => app !== null,
  );
  // A server of its own has its own way with files.
  if (apps.length === 0 && upstream !== null) return { apps, upstream, publicRoot: null };
  const signs = apps.length === 0 ? ["index.html"] : ["index.html", "index.php", "favicon.ico", "robots.txt"];
  // Of a folder with an app in it only a part is for everybody.
  const roots = apps.length === 0 ? PUBLIC_ROOTS : PUBLIC_ROOTS.slice(0, 2);
  const publicRoot = roots.find((root) => folder.first(signs.map((name) => `${root}/${name}`)) !== null) ?? null;
  return { apps, upstream, publicRoot };
}
