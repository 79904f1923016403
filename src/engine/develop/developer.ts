import type { ReloadReport } from "../../admin/reload-report.ts";
import type { Config } from "../../config/config.ts";
import type { Logger } from "../../telemetry/logger.ts";
import { ChangeBatch } from "./change-batch.ts";
import { FileWatch } from "./file-watch.ts";
import type { DevelopmentProblem } from "./problem.ts";
import { concernOf, ownPathsOf, planWatch, type WatchedFolder } from "./watch-plan.ts";

export interface DeveloperOptions {
  /** Reloads an app, or (`null`) the configuration and everything with it. */
  readonly reload: (app: string | null) => Promise<ReloadReport>;
  /** What serves now. */
  readonly currentConfig: () => Config;
  /** Has the pages that are open loaded again; with a problem they show that. */
  readonly refresh: (problem: DevelopmentProblem | null) => void;
  readonly log: Logger;
}

/** Watches what an instance is made of, and reloads what has changed: the app whose files they are, or, with the configuration, everything. */
export class Developer implements AsyncDisposable {
  readonly #options: DeveloperOptions;
  readonly #batch: ChangeBatch;
  #folders: readonly WatchedFolder[] = [];
  #watch: FileWatch | null = null;
  /** What does not serve yet: apps, and (`null`) the configuration. */
  readonly #problems = new Map<string | null, DevelopmentProblem>();
  #isPaused = false;
  /** One batch after the other: a reload may take longer than the next save. */
  #last: Promise<void> = Promise.resolve();

  constructor(options: DeveloperOptions) {
    this.#options = options;
    this.#batch = new ChangeBatch((paths) => {
      this.#last = this.#last.then(() => this.#apply(paths));
    });
  }

  /** Resolves when every change is seen from then on. */
  async start(): Promise<void> {
    await this.#watchAll();
  }

  /** Reloads nothing more. */
  pause(): void {
    this.#isPaused = true;
    this.#batch.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.pause();
    await this.#watch?.[Symbol.asyncDispose]();
  }

  async #watchAll(): Promise<void> {
    const config = this.#options.currentConfig();
    await this.#watch?.[Symbol.asyncDispose]();
    this.#folders = planWatch(config);
    const paths = [...new Set(this.#folders.map(({ path }) => path)), ...(config.file === null ? [] : [config.file])];
    const { log } = this.#options;
    this.#watch = await FileWatch.start({
      paths,
      except: ownPathsOf(config),
      onChange: (path) => this.#onChange(path),
      log,
    });
    await this.#watch.ready;
    log.info("watching files", { folders: this.#folders.map(({ path }) => path) });
  }

  #onChange(path: string): void {
    if (this.#isPaused) return;
    const { isConfig, apps, isPage } = this.#concernOf([path]);
    if (isConfig || apps.length > 0 || isPage) this.#batch.add(path);
  }

  #concernOf(paths: Iterable<string>) {
    return concernOf(this.#folders, this.#options.currentConfig().file, paths);
  }

  async #apply(paths: ReadonlySet<string>): Promise<void> {
    const { reload, refresh, log } = this.#options;
    if (this.#isPaused) return;
    const { isConfig, apps } = this.#concernOf(paths);
    log.info("files changed", { paths: [...paths].slice(0, 5), count: paths.size });
    if (isConfig) this.#note(null, await reload(null));
    const isApplied = isConfig && !this.#problems.has(null);
    // A configuration that is applied has brought every app with it; one that is refused has brought none.
    if (!isApplied) await Promise.all(apps.map(async (app) => this.#note(app, await reload(app))));
    const [anyProblem = null] = this.#problems.values();
    refresh(this.#problems.get(null) ?? anyProblem);
    if (isApplied) await this.#watchAll();
  }

  #note(app: string | null, report: ReloadReport): void {
    if (report.kind === "refused") this.#problems.set(app, problemOf(report));
    else if (app === null) this.#problems.clear();
    else this.#problems.delete(app);
  }
}

function problemOf({ reason, problems, apps }: ReloadReport): DevelopmentProblem {
  const failed = apps.find(({ failure }) => failure !== null)?.failure;
  const places = problems.flatMap(({ problem, at }) => [problem, ...at.map((place) => `  at ${place}`)]);
  return { title: reason ?? "Cannot reload", lines: [...places, ...(failed?.stderr ?? [])] };
}
