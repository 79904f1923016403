/** What an app of a new configuration runs on. */
export type FoundRuntime = "php" | "python" | "bun" | "node";

/** An app that a folder seems to hold. */
export interface FoundApp {
  readonly runtime: FoundRuntime;
  /** The worker script, the module, or `module:name`. */
  readonly entry: string;
  /** What made us think so: `Laravel (artisan)`. */
  readonly sign: string;
  /** What is left for a person to do before it can serve; `null` when nothing is. */
  readonly missing: string | null;
}

/** A server of its own, which requests are handed on to. */
export interface Upstream {
  /** What made us think so: `express (package.json)`. */
  readonly sign: string;
}

/** What a folder seems to hold. */
export interface Project {
  /** The first is the one that gets every request no other one gets. */
  readonly apps: readonly FoundApp[];
  readonly upstream: Upstream | null;
  /** A folder of files for everybody, relative; `null` when there is none. */
  readonly publicRoot: string | null;
}

/** A folder as the finders look at it; paths are relative to it. */
export class ProjectFolder {
  readonly #isFile: (path: string) => boolean;
  readonly #read: (path: string) => string;

  constructor(isFile: (path: string) => boolean, read: (path: string) => string) {
    this.#isFile = isFile;
    this.#read = read;
  }

  has(path: string): boolean {
    return this.#isFile(path);
  }

  /** The text of a file; empty when there is none. */
  text(path: string): string {
    return this.has(path) ? this.#read(path) : "";
  }

  /** A JSON file that holds an object; empty for anything else: what is broken there is not ours to report. */
  json(path: string): Readonly<Record<string, unknown>> {
    try {
      const value: unknown = JSON.parse(this.text(path));
      return value !== null && typeof value === "object" ? (value as Record<string, unknown>) : {};
    } catch {
      return {};
    }
  }

  /** The first of `paths` that is a file. */
  first(paths: readonly string[]): string | null {
    return paths.find((path) => this.has(path)) ?? null;
  }
}
