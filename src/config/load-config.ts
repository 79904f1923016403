import { Accounts } from "./accounts.ts";
import { checkAppAdvice, checkApps } from "./rules/app-rules.ts";
import type { SourceReading } from "./sources/assignment.ts";
import { checkCertificates } from "./rules/certificate-checks.ts";
import type { Config } from "./config.ts";
import { readConfigFile, type WrittenConfig } from "./sources/config-file.ts";
import { type ConfigSystem, currentSystem } from "./config-system.ts";
import { readEnvironmentSource } from "./sources/environment-source.ts";
import { readFileSource } from "./sources/file-source.ts";
import { checkListeners } from "./rules/listener-rules.ts";
import { type Override, readOverrideSource } from "./sources/override-source.ts";
import { checkPaths } from "./rules/path-checks.ts";
import { type ConfigProblem, ConfigProblemsError } from "./problem.ts";
import { checkAccessLogs } from "./resolve/resolve-access-logs.ts";
import { deriveDefaults, type Place, resolveConfig } from "./resolve/resolve-config.ts";
import { checkRedirectLoops, checkRewriteLoops } from "./rules/rewrite-loops.ts";
import { checkShadows } from "./rules/route-order.ts";
import { checkRoutePolicies } from "./rules/route-policy-rules.ts";
import { checkRoutes } from "./rules/route-rules.ts";
import { checkAdvice, checkRules } from "./rules/rules.ts";
import { Settings } from "./settings.ts";
import { checkIdentities } from "./worker-identity.ts";

/** What the command line asks for. */
export interface ConfigRequest {
  /** The file named by `-config`, or what would stand in one; null looks for one. */
  readonly file: string | WrittenConfig | null;
  /** In the order they were given: of two for one option the last wins. */
  readonly overrides: readonly Override[];
}

/** A configuration that may be started. */
export interface LoadedConfig {
  readonly config: Config;
  /** The value of every option and where it came from: `settings.origin("server.port")`. */
  readonly settings: Settings;
  /** What works but is probably not meant; for the log. */
  readonly warnings: readonly ConfigProblem[];
}

/**
 * Reads the configuration: flags win over the environment, the environment over the file, the file over defaults.
 * Nothing is spawned, bound or written. Reading is synchronous: it happens once, before anything is served.
 *
 * @throws {ConfigProblemsError} with every problem found. Cross-checks wait until the options themselves are right.
 */
export function loadConfig(request: ConfigRequest, system: ConfigSystem = currentSystem()): LoadedConfig {
  const file = readConfigFile(request.file, system);
  const { environment, cwd, cpuCount } = system;
  const readings: readonly SourceReading[] = [
    ...(file === null ? [] : [readFileSource({ ...file, environment })]),
    readEnvironmentSource(environment),
    readOverrideSource(request.overrides),
  ];
  const accounts = new Accounts(system);
  const place: Place = { file: file?.path ?? null, cwd, cpuCount, accounts };
  const settings = new Settings(readings.flatMap((reading) => reading.assignments));
  deriveDefaults(settings, place);
  const config = resolveConfig(settings, place);
  const problems = [...readings.flatMap((reading) => reading.problems), ...settings.problems];
  // An item that could not be read has no port, and saying so would only hide why.
  if (problems.length === 0) {
    problems.push(...checkListeners(settings), ...checkApps(settings), ...checkRoutes(settings));
    problems.push(...checkRewriteLoops(settings), ...checkRoutePolicies(settings));
    problems.push(...checkIdentities(settings, accounts));
  }
  problems.push(...checkRules(settings));
  const certificates = checkCertificates(settings, system, Date.now());
  problems.push(...certificates.problems);
  if (problems.length === 0) problems.push(...checkAccessLogs(config, settings, system));
  for (const problem of checkPaths(config, settings, system)) {
    // A default path is to blame only when nothing else is: the option that sets it may be the one with the typo.
    if (problem.origins.length > 0 || problems.length === 0) problems.push(problem);
  }
  if (problems.length > 0) throw new ConfigProblemsError(inFileOrder(problems));
  const warnings = [
    ...(file?.warnings ?? []),
    ...readings.flatMap((reading) => reading.warnings),
    ...checkAdvice(settings),
    ...checkAppAdvice(settings),
    ...checkShadows(settings),
    ...checkRedirectLoops(settings),
    ...certificates.warnings,
  ];
  return { config, settings, warnings };
}

function inFileOrder(problems: readonly ConfigProblem[]): readonly ConfigProblem[] {
  return problems.toSorted((one, other) =>
    filePlace(one) === filePlace(other) ? 0 : filePlace(one) - filePlace(other),
  );
}

function filePlace({ origins }: ConfigProblem): number {
  const first = origins.find((origin) => origin.kind === "file");
  return first === undefined ? Infinity : first.line * 1e6 + first.column;
}
