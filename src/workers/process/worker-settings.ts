import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { AppConfig } from "../../config/app-config.ts";
import { renderPhpIni } from "./php-ini.ts";
import type { WorkerAccess } from "./worker-access.ts";
import { directoryError } from "./worker-start-error.ts";

export interface WorkerSettingsOptions {
  readonly app: AppConfig;
  /** Made for the settings, and theirs alone. */
  readonly directory: string;
  readonly access: WorkerAccess;
  /** The engine's version. */
  readonly runtimeVersion: string;
  /** What workers inherit; the app's own variables win over it. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** What all workers of a launcher are told before they run: their environment, and PHP's settings in a file that it names. */
export class WorkerSettings {
  readonly environment: Readonly<Record<string, string>>;
  readonly #options: WorkerSettingsOptions;

  constructor(options: WorkerSettingsOptions) {
    const { app, access, environment, runtimeVersion, directory } = options;
    this.#options = options;
    const shared: Record<string, string> = {};
    for (const [name, value] of Object.entries({ ...environment, ...access.environment, ...app.environment })) {
      if (value !== undefined) shared[name] = value;
    }
    shared["VILYA_VERSION"] = runtimeVersion;
    shared["VILYA_WORKER_LEVEL"] = "2";
    // An empty entry before the colon stands for the directory PHP was built with, whose extensions are still needed.
    shared["PHP_INI_SCAN_DIR"] = `${shared["PHP_INI_SCAN_DIR"] ?? ""}:${directory}`;
    this.environment = shared;
  }

  /**
   * Writes the file once, and again if somebody has cleared the directory.
   *
   * @throws {WorkerStartError} when it cannot be written.
   */
  write(): void {
    const { app, access, directory } = this.#options;
    const path = join(directory, "vilya.ini");
    if (existsSync(path)) return;
    try {
      mkdirSync(directory, { recursive: true, mode: 0o700 });
      // The opcode cache does not start where it can make no file for its lock, and /tmp may be read-only.
      const locks = join(directory, "opcache");
      mkdirSync(locks, { recursive: true, mode: 0o700 });
      access.give(locks);
      writeFileSync(path, renderPhpIni({ "opcache.lockfile_path": locks, ...app.ini }), { mode: 0o600 });
      access.give(path);
      access.showDirectory(directory);
    } catch (error) {
      throw directoryError(path, error);
    }
  }

  remove(): void {
    rmSync(this.#options.directory, { recursive: true, force: true });
  }
}
