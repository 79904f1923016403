import { dirname, resolve } from "node:path";

import { parseAccessFormat } from "../types/access-format.ts";
import * as options from "../options/access-log-options.ts";
import type { Config } from "../config.ts";
import type { AccessLogConfig, LoggingConfig } from "../logging-config.ts";
import type { ConfigSystem } from "../config-system.ts";
import * as logging from "../options/logging-options.ts";
import type { Option } from "../options/option.ts";
import { fieldOf, itemKeys } from "../options/option-list.ts";
import type { ConfigProblem } from "../problem.ts";
import type { Settings } from "../settings.ts";
import { EVERY_REQUEST } from "./every-request.ts";

/** The `logging` section of settings that passed every check. */
export function resolveLogging(settings: Settings, cwd: string): LoggingConfig {
  return {
    level: settings.value(logging.level),
    format: settings.value(logging.format),
    accessLogs: resolveAccessLogs(settings, cwd),
    maskedQueryNames: settings.value(options.maskedQueries).map((name) => name.toLowerCase()),
    maskedHeaderNames: settings.value(options.maskedHeaders).map((name) => name.toLowerCase()),
  };
}

function resolveAccessLogs(settings: Settings, cwd: string): readonly AccessLogConfig[] {
  const { accessLogFields: fields } = options;
  const file = (path: string | null): string | null =>
    path === null || path === options.STDOUT ? null : resolve(cwd, path);
  const items = itemKeys(settings, options.accessLogs).map((key): AccessLogConfig => {
    const value = <Value>(field: Option<Value>): Value => settings.value(fieldOf(key, field));
    return {
      file: file(value(fields.path)),
      format: parseAccessFormat(value(fields.format)) ?? "json",
      apps: [...value(fields.apps)],
      listeners: value(fields.listeners).map((name) => (/^\d+$/.test(name) ? name : resolve(cwd, name))),
      statuses: value(fields.status).map(parseStatuses),
      paths: [...value(fields.paths)],
      exceptPaths: [...value(fields.except)],
      durationMsMin: value(fields.minDuration),
      sampleShare: value(fields.sample),
      bufferBytes: value(fields.buffer),
    };
  });
  const path = settings.value(options.accessLog);
  if (path === null) return items;
  const format = parseAccessFormat(settings.value(options.accessFormat)) ?? "json";
  return [{ ...EVERY_REQUEST, file: file(path), format }, ...items];
}

/** What the access logs name has to be there: a log that can never have a line is a mistake. */
export function checkAccessLogs(config: Config, settings: Settings, system: ConfigSystem): readonly ConfigProblem[] {
  const check = new AccessLogCheck(settings, system);
  const path = settings.value(options.accessLog);
  if (path !== null) check.path(options.accessLog.key, path);
  const appNames = new Set(config.apps.map(({ name }) => name));
  const listeners = new Set(
    config.server.listeners.map(({ address }) => ("path" in address ? address.path : String(address.port))),
  );
  for (const key of itemKeys(settings, options.accessLogs)) check.item(key, appNames, listeners);
  return check.problems;
}

class AccessLogCheck {
  readonly problems: ConfigProblem[] = [];
  readonly #settings: Settings;
  readonly #system: ConfigSystem;

  constructor(settings: Settings, system: ConfigSystem) {
    this.#settings = settings;
    this.#system = system;
  }

  item(key: string, appNames: ReadonlySet<string>, listeners: ReadonlySet<string>): void {
    const { accessLogFields: fields } = options;
    const path = this.#settings.value(fieldOf(key, fields.path));
    if (path === null) this.#refuse(key, "it has no path, the path of a file or `stdout` is allowed");
    else this.path(`${key}.path`, path);
    for (const name of this.#settings.value(fieldOf(key, fields.apps))) {
      if (!appNames.has(name)) this.#refuse(`${key}.apps`, `there is no app ${name}, ${list(appNames)} is allowed`);
    }
    for (const name of this.#settings.value(fieldOf(key, fields.listeners))) {
      const listener = /^\d+$/.test(name) ? name : resolve(this.#system.cwd, name);
      if (listeners.has(listener)) continue;
      this.#refuse(`${key}.listeners`, `there is no listener ${name}, ${list(listeners)} is allowed`);
    }
  }

  path(key: string, path: string): void {
    if (path === options.STDOUT) return;
    const file = resolve(this.#system.cwd, path);
    const kind = this.#system.kindOf(file);
    if (kind === "directory") this.#refuse(key, `${file} is a directory, the path of a file is allowed`);
    if (kind !== "missing") return;
    const parent = dirname(file);
    if (this.#system.kindOf(parent) === "directory" && this.#system.mayUse(parent, "write")) return;
    this.#refuse(key, `${parent} is not a directory this user may write to, an existing one is allowed`);
  }

  #refuse(key: string, state: string): void {
    const origin = this.#settings.origin(key);
    const origins = origin.kind === "default" ? [] : [origin];
    this.problems.push({ message: `Cannot use ${key}: ${state}`, origins, hint: null });
  }
}

function list(names: ReadonlySet<string>): string {
  return [...names].join(", ");
}

/** `404`, `5xx`, `500-504`. */
function parseStatuses(text: string): readonly [min: number, max: number] {
  if (/xx$/i.test(text)) return [Number(text[0]) * 100, Number(text[0]) * 100 + 99];
  const [min = "", max = min] = text.split("-");
  return [Number(min), Number(max)];
}
