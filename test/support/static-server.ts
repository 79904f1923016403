import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { serveStatic } from "../../src/http/static/static-dispatch.ts";
import type { StaticConfig } from "../../src/config/static-config.ts";
import { StaticSite } from "../../src/http/static/static-site.ts";
import { HttpServer } from "./http-server.ts";
import type { RawClient } from "./raw-client.ts";
import { RecordingLog } from "./recording-log.ts";

/** When the files of a test were changed last, unless it says otherwise: long ago. */
export const FILE_TIME = "Sun, 06 Nov 1994 08:49:37 GMT";

/** A listener that serves a folder of the test's own. */
export class StaticServer implements Disposable {
  readonly directory: string = mkdtempSync(join(tmpdir(), "vilya-static-"));
  readonly root: string = join(this.directory, "root");
  readonly site: StaticSite;
  readonly http: HttpServer;
  readonly log: RecordingLog = new RecordingLog();

  /** @param hasApp false answers with 404 what is no file; otherwise requests for it wait in `http.requests`. */
  constructor(options: Partial<StaticConfig> = {}, { hasApp = false }: { readonly hasApp?: boolean } = {}) {
    mkdirSync(this.root);
    this.site = new StaticSite(
      {
        root: this.root,
        prefix: "",
        indexNames: ["index.html"],
        fallbackPath: null,
        showsListing: false,
        precompressed: ["br", "zstd", "gzip"],
        cacheRules: [],
        deniedPatterns: ["*.php"],
        symlinks: "beneath",
        cacheBytesMax: 1024 * 1024,
        cachedFileBytesMax: 100_000,
        revalidateMs: 0,
        ...options,
      },
      this.log,
    );
    this.http = new HttpServer({}, "clear", (app) => serveStatic(this.site, hasApp ? app : null));
  }

  /** Writes a file below the root, its folders included. */
  file(path: string, content: string | Uint8Array, time: Date = new Date(FILE_TIME)): string {
    const file = join(this.root, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
    utimesSync(file, time, time);
    return file;
  }

  /** One request on a connection of its own, and everything that came back. */
  async ask(path: string, fields: readonly string[] = [], method: string = "GET"): Promise<string> {
    using client = await this.http.connect();
    client.send(requestText(path, [...fields, "Connection: close"], method));
    return await client.untilEnd();
  }

  connect(): Promise<RawClient> {
    return this.http.connect();
  }

  [Symbol.dispose](): void {
    this.http[Symbol.dispose]();
    this.site[Symbol.dispose]();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** A request as bytes, one per UTF-16 unit. */
export function requestText(path: string, fields: readonly string[] = [], method: string = "GET"): string {
  return `${[`${method} ${path} HTTP/1.1`, "Host: a", ...fields].join("\r\n")}\r\n\r\n`;
}

/** The status of an answer. */
export function statusOf(answer: string): number {
  return Number(answer.slice(9, 12));
}

/** The value of a field of an answer; `null` where it has none. */
export function fieldOf(answer: string, name: string): string | null {
  const head = answer.slice(0, answer.indexOf("\r\n\r\n"));
  return new RegExp(`^${name}: (.*)$`, "im").exec(head)?.[1]?.trim() ?? null;
}

/** Everything after the head. */
export function bodyOf(answer: string): string {
  return answer.slice(answer.indexOf("\r\n\r\n") + 4);
}
