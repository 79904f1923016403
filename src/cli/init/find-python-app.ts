import type { FoundApp, ProjectFolder } from "./project.ts";

const STEMS = ["main", "app", "asgi", "wsgi", "server"];
const MODULES = [...STEMS, "app.main", "src.main"];
const SIGNS = ["pyproject.toml", "requirements.txt", "Pipfile", "setup.py"];

/** `app = FastAPI(...)`, at the start of a line; the name is the first group. */
const MADE =
  /^(\w+)(?:\s*:[^=\n]+)?\s*=\s*(?:\w+\.)*(?:FastAPI|Starlette|Litestar|Quart|Sanic|Flask|Bottle|get_\w*sgi_application)\(/m;
const MAKER = /^def (create_app|make_app)\(/m;
const WRITTEN = /^(?:async )?def (app|application)\(/m;

/** The name of the project, whose package is called the same. */
const PROJECT_NAME = /^name\s*=\s*["']([\w-]+)["']/m;

/** Where `manage.py` of Django names the project's package. */
const DJANGO_SETTINGS = /DJANGO_SETTINGS_MODULE["'],\s*["'](\w+)\.settings/;

const NOT_INSTALLED = "install the project (pip install -e .) into the environment of its interpreter";

/** A module that may hold an application. */
interface Candidate {
  readonly module: string;
  readonly path: string;
  /** As {@link FoundApp.missing}. */
  readonly missing: string | null;
}

/** An ASGI or WSGI app: by the name it has in a module, else by what pip and its kind read. */
export function findPythonApp(folder: ProjectFolder): FoundApp | null {
  const package_ = DJANGO_SETTINGS.exec(folder.text("manage.py"))?.[1];
  if (package_ !== undefined) {
    const kind = folder.has(`${package_}/asgi.py`) ? "asgi" : "wsgi";
    return { runtime: "python", entry: `${package_}.${kind}:application`, sign: "Django (manage.py)", missing: null };
  }
  for (const { module, path, missing } of candidatesIn(folder)) {
    const name = nameIn(folder.text(path));
    if (name !== null) return { runtime: "python", entry: `${module}:${name}`, sign: path, missing };
  }
  const sign = folder.first(SIGNS);
  if (sign === null) return null;
  return {
    runtime: "python",
    entry: "main:app",
    sign,
    missing: "put the ASGI or WSGI app into main.py as app, or change entry",
  };
}

/** Modules at the top, then those of the project's package, there or in `src`, from where it has to be installed. */
function candidatesIn(folder: ProjectFolder): readonly Candidate[] {
  const atTop = MODULES.map((module) => ({ module, path: `${module.replaceAll(".", "/")}.py`, missing: null }));
  const name = PROJECT_NAME.exec(folder.text("pyproject.toml"))?.[1]?.replaceAll("-", "_");
  if (name === undefined) return atTop;
  const inPackage = [...STEMS, "__init__"].flatMap((stem) => {
    const module = stem === "__init__" ? name : `${name}.${stem}`;
    return [
      { module, path: `${name}/${stem}.py`, missing: null },
      { module, path: `src/${name}/${stem}.py`, missing: NOT_INSTALLED },
    ];
  });
  return [...atTop, ...inPackage];
}

function nameIn(text: string): string | null {
  const name = (MADE.exec(text) ?? WRITTEN.exec(text))?.[1];
  if (name !== undefined) return name;
  const maker = MAKER.exec(text)?.[1];
  return maker === undefined ? null : `${maker}()`;
}
