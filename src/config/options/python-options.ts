import { HOUR_MS } from "../types/bounds.ts";
import type { Option, Section } from "./option.ts";
import { choice, integer, text } from "../types/option-type.ts";
import { duration } from "../types/quantity.ts";

export const pythonInterface: Option<"auto" | "asgi" | "asgi2" | "wsgi"> = {
  kind: "value",
  key: "python.interface",
  type: choice(["auto", "asgi", "asgi2", "wsgi"]),
  default: "auto",
  summary:
    "What the application is: `asgi` (3.0), `asgi2` (a class or function that is called twice) or `wsgi`. `auto` tells by what it takes: `(scope, receive, send)` or `(environ, start_response)`.",
  replaces: "front",
};

export const lifespan: Option<"auto" | "on" | "off"> = {
  kind: "value",
  key: "python.lifespan",
  type: choice(["auto", "on", "off"]),
  default: "auto",
  summary:
    "Whether an ASGI application is told of its start and its end. `auto` goes on when it fails before it has answered, as applications do that know no lifespan; `on` takes that for a failed start.",
  replaces: "front",
};

export const threads: Option<number> = {
  kind: "value",
  key: "python.threads",
  type: integer({ min: 1, max: 1_024 }),
  default: 16,
  summary: "Threads of a worker with a WSGI application: so many requests at a time.",
  guards: "Memory and database connections: each running request may hold one.",
  replaces: "front",
};

export const rootPath: Option<string | null> = {
  kind: "value",
  key: "python.root_path",
  type: text({
    pattern: /^\/[^\p{Cc}?#]*[^\p{Cc}?#/]$/u,
    allowed: "a path that begins with `/` and does not end with one",
  }),
  default: null,
  defaultRule: "none",
  summary:
    "The path that the application is mounted at: `root_path` of ASGI, `SCRIPT_NAME` of WSGI. The path of an ASGI request stays as the client has sent it.",
  replaces: "front",
};

export const specVersion: Option<"2.3" | "2.5"> = {
  kind: "value",
  key: "python.spec_version",
  type: choice(["2.3", "2.5"]),
  default: "2.5",
  summary:
    "The version of the ASGI specification that applications are told. With `2.5` they get an OSError where they send to a client that has left; with `2.3`, for frameworks that do not expect it, what they send then is dropped.",
  replaces: "front",
};

export const disconnectGrace: Option<number> = {
  kind: "value",
  key: "python.disconnect_grace",
  type: duration("s", { min: 0, max: HOUR_MS }),
  default: 3_000,
  summary:
    "How long an ASGI application may go on with a request after its client has left or its time is over; then its task is cancelled. Values from `workers.cancel_grace` on cost the worker where the time was over.",
  guards: "Work for nobody; and database drivers that are cut off in the middle of a query.",
  replaces: "front",
};

/** The `python` section. */
export const pythonSection: Section = {
  key: "python",
  summary: "Apps with `runtime: python`.",
  options: [pythonInterface, lifespan, threads, rootPath, specVersion, disconnectGrace],
};
