import type { FoundApp, ProjectFolder } from "./project.ts";

const MODULES = ["main", "app", "asgi", "wsgi", "server", "app.main", "src.main"];
const SIGNS = ["pyproject.toml", "requirements.txt", "Pipfile", "setup.py"];

/** `app = FastAPI(...)`, at the start of a line; the name is the first group. */
const MADE =
  /^(\w+)(?:\s*:[^=\n]+)?\s*=\s*(?:\w+\.)*(?:FastAPI|Starlette|Litestar|Quart|Sanic|Flask|Bottle|get_\w*sgi_application)\(/m;
const MAKER = /^def (create_app|make_app)\(/m;
const WRITTEN = /^(?:async )?def (app|application)\(/m;

/** Where `manage.py` of Django names the project's package. */
const DJANGO_SETTINGS = /DJANGO_SETTINGS_MODULE["'],\s*["'](\w+)\.settings/;

/** An ASGI or WSGI app: by the name it has in a module, else by what pip and its kind read. */
export function findPythonApp(folder: ProjectFolder): FoundApp | null {
  const package_ = DJANGO_SETTINGS.exec(folder.text("manage.py"))?.[1];
  if (package_ !== undefined) {
    const kind = folder.has(`${package_}/asgi.py`) ? "asgi" : "wsgi";
    return { runtime: "python", entry: `${package_}.${kind}:application`, sign: "Django (manage.py)", missing: null };
  }
  for (const module of MODULES) {
    const path = `${module.replaceAll(".", "/")}.py`;
    const name = nameIn(folder.text(path));
    if (name !== null) return { runtime: "python", entry: `${module}:${name}`, sign: path, missing: null };
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

function nameIn(text: string): string | null {
  const name = (MADE.exec(text) ?? WRITTEN.exec(text))?.[1];
  if (name !== undefined) return name;
  const maker = MAKER.exec(text)?.[1];
  return maker === undefined ? null : `${maker}()`;
}
