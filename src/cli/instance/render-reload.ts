import type { AppReload, KeyChange, ReloadReport } from "../../admin/reload-report.ts";
import type { UpgradeReport } from "../../admin/upgrade-report.ts";
import { escapeUnprintable } from "../../base/printable.ts";

const KINDS: Readonly<Record<Exclude<ReloadReport["kind"], "refused">, string>> = {
  workers: "reloaded: new workers serve",
  "in-place": "reloaded: the changes are applied in place, and new workers serve",
  "new-front": "reloaded: a new front serves",
};

/** In place, and no key has another value: what `vilya scale` had set has given way. */
const GIVEN_WAY = "reloaded: the numbers of the configuration hold again, and new workers serve";

const APPLIED: Readonly<Record<KeyChange["applied"], string>> = {
  "in-place": "applied in place",
  "new-front": "applied by a new front",
  restart: "needs a restart, stays as it was",
  refused: "refused, stays as it was",
};

/** What `vilya reload` prints: the result, a line for each changed key, and one for each app with the last words of workers that failed. */
export function renderReload({ kind, reason, problems, changes, apps, durationMs }: ReloadReport): string {
  const head =
    kind === "refused" ? `error: ${lowerFirst(reason ?? "refused")}` : `${headOf(kind, changes)} (${durationMs} ms)`;
  const width = Math.max(0, ...changes.map(({ key }) => key.length));
  const lines = [
    // The problems say all that the reason does.
    ...(problems.length > 0 ? [] : [head]),
    ...problems.flatMap(({ problem, at }) => [`error: ${lowerFirst(problem)}`, ...at.map((place) => `  at ${place}`)]),
    ...changes.map(({ key, applied }) => `  ${key.padEnd(width)}  ${APPLIED[applied]}`),
    ...apps.flatMap(renderApp),
  ];
  return lines.map((line) => `${escapeUnprintable(line)}\n`).join("");
}

function headOf(kind: keyof typeof KINDS, changes: readonly KeyChange[]): string {
  return kind === "in-place" && changes.length === 0 ? GIVEN_WAY : KINDS[kind];
}

/** What `vilya upgrade` prints. */
export function renderUpgrade({ kind, version, masterPid, reason, apps, durationMs }: UpgradeReport): string {
  const head =
    kind === "refused"
      ? `error: ${lowerFirst(reason ?? "refused")}`
      : `upgraded: version ${version} serves, master ${masterPid} (${durationMs} ms)`;
  return [head, ...apps.flatMap(renderApp)].map((line) => `${escapeUnprintable(line)}\n`).join("");
}

function renderApp({ app, failure }: AppReload): readonly string[] {
  if (failure === null) return [`  app ${app}  new workers`];
  return [`  app ${app}  ${failure.reason}`, ...failure.stderr.map((line) => `    | ${line}`)];
}

function lowerFirst(text: string): string {
  return `${text.charAt(0).toLowerCase()}${text.slice(1)}`;
}
