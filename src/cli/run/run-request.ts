import type { ConfigRequest } from "../../config/load-config.ts";
import type { Override } from "../../config/sources/override-source.ts";
import { splitOption } from "../config-flags.ts";
import { valueOf } from "../given-flags.ts";
import type { GivenFlag } from "../parse-flags.ts";
import { UsageError } from "../usage-error.ts";
import { OPTION_FLAGS } from "./run-flags.ts";
import { readVariables } from "./variables-file.ts";

/** Where uvicorn listens; only this machine reaches it. */
const PLACE_DEFAULT = { host: "127.0.0.1", port: "8000" };

/**
 * The configuration that a command line of `vilya run` stands for. No file is looked for: what is typed is everything.
 *
 * @throws {UsageError} without an application, with half of a certificate, and for a file of variables that cannot be read.
 */
export function runRequest(app: string | undefined, flags: readonly GivenFlag[]): ConfigRequest {
  if (app === undefined) throw new UsageError("Cannot run: there is no application", "try: vilya run main:app");
  const last = (name: string): string | undefined => valueOf(flags, { name }) ?? undefined;
  const isFactory = last("factory") !== undefined && !app.endsWith("()");
  const base: readonly (readonly [string, string])[] = [
    ["runtime", "python"],
    ["entry", isFactory ? `${app}()` : app],
    ["workers.count", "1"],
    // The application owns every path.
    ["server.health_path", ""],
    ...(last("no-access-log") === undefined ? [["logging.access_log", "stdout"] as const] : []),
  ];
  const place = listenerOf(last);
  return {
    file: { label: "the command line", text: JSON.stringify(place.file) },
    overrides: [
      ...base.map(([key, text]): Override => ({ key, text, flag: "vilya run" })),
      ...place.overrides,
      ...flags.flatMap(overridesOf),
      ...variablesOf(last("env-file")),
    ],
  };
}

type Last = (name: string) => string | undefined;

/** A path or a certificate needs a listener of its own, which only a file can hold; else host and port are enough. */
function listenerOf(last: Last): { readonly file: object; readonly overrides: readonly Override[] } {
  const [path, cert, key] = [last("uds"), last("ssl-certfile"), last("ssl-keyfile")];
  const host = last("host") ?? PLACE_DEFAULT.host;
  const port = last("port") ?? PLACE_DEFAULT.port;
  if ((cert === undefined) !== (key === undefined)) {
    throw new UsageError(
      "Cannot use TLS: it needs both a certificate and its key",
      "try: --ssl-certfile FILE --ssl-keyfile FILE",
    );
  }
  if (path === undefined && cert === undefined) {
    const overrides = Object.entries({ host, port }).map(([name, text]): Override => ({
      key: `server.${name}`,
      text,
      flag: `--${name}`,
    }));
    return { file: {}, overrides };
  }
  const tls = cert === undefined ? {} : { tls: { certificates: [{ cert, key }] } };
  const address = path === undefined ? { host, port } : { path };
  return { file: { server: { listeners: [{ ...address, ...tls }] } }, overrides: [] };
}

function overridesOf(given: GivenFlag): readonly Override[] {
  if (given.name === "option") return [splitOption(given.value)];
  const entries = OPTION_FLAGS.find(({ name }) => name === given.name)?.entries?.(given.value) ?? [];
  return entries.map(([key, text]) => ({ key, text, flag: `--${given.name}` }));
}

function variablesOf(path: string | undefined): readonly Override[] {
  if (path === undefined) return [];
  return readVariables(path).map(([name, text]) => ({ key: `env.${name}`, text, flag: "--env-file" }));
}
