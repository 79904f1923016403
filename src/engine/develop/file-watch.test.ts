import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { FSWatcher } from "chokidar";
import { RecordingLog } from "../../../test/support/recording-log.ts";
import { until } from "../../../test/support/until.ts";
import { FileWatch } from "./file-watch.ts";

const TOO_MANY = "some files are not watched, there are more than this user may watch";

describe("FileWatch", () => {
  let folder: string;
  let seen: string[];
  let watch: FileWatch | null;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "vilya-watch-"));
    seen = [];
    watch = null;
    write("src/main.ts", "1");
    write("src/saved.ts", "1");
    write("node_modules/a/index.js", "1");
  });

  afterEach(async () => {
    await watch?.[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  function write(path: string, text: string): void {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }

  async function start(...paths: readonly string[]): Promise<void> {
    const absolute = paths.map((path) => join(folder, path));
    watch = await FileWatch.start({
      paths: absolute,
      except: [join(folder, "run")],
      onChange: (path) => seen.push(path.slice(folder.length + 1)),
      log: new RecordingLog(),
    });
    await watch.ready;
  }

  /** Makes a change, and waits until it is seen. */
  async function sees(path: string, change: () => void): Promise<void> {
    seen.length = 0;
    change();
    await until(`a change of ${path}`, () => seen.includes(path));
  }

  test("sees files that are written, new, replaced by a rename, and deleted", async () => {
    await start(".");
    await sees("src/main.ts", () => write("src/main.ts", "2"));
    await sees("src/new.ts", () => write("src/new.ts", "1"));
    await sees("src/saved.ts", () => {
      write("src/saved.ts.tmp", "2");
      renameSync(join(folder, "src/saved.ts.tmp"), join(folder, "src/saved.ts"));
    });
    await sees("src/new.ts", () => rmSync(join(folder, "src/new.ts")));
  });

  test("sees what is in folders that are new, or deleted and made anew", async () => {
    await start(".");
    await sees("lib/deep/a.ts", () => write("lib/deep/a.ts", "1"));
    await sees("lib/deep/a.ts", () => rmSync(join(folder, "lib"), { recursive: true }));
    await sees("lib/deep/a.ts", () => write("lib/deep/a.ts", "2"));
    await sees("lib/deep/b.ts", () => write("lib/deep/b.ts", "1"));
  });

  test("follows links, and looks into nothing that is ignored", async () => {
    const elsewhere = mkdtempSync(join(tmpdir(), "vilya-elsewhere-"));
    try {
      writeFileSync(join(elsewhere, "linked.ts"), "1");
      symlinkSync(elsewhere, join(folder, "link"));
      await start(".");
      write("node_modules/a/index.js", "2");
      write(".git/index", "1");
      write("run/vilya.ini", "1");
      write("src/.main.ts.swp", "1");
      await sees("link/linked.ts", () => writeFileSync(join(elsewhere, "linked.ts"), "2"));
      await sees("src/main.ts", () => write("src/main.ts", "2"));
      expect(seen.filter((path) => !/^(?:link|src)\/(?:linked|main)\.ts$/.test(path))).toEqual([]);
    } finally {
      rmSync(elsewhere, { recursive: true, force: true });
    }
  });

  test("watches a file, and a folder below an ignored one, where it is told to", async () => {
    write("vendor/app/a.php", "1");
    write("vilya.yaml", "1");
    await start("vendor/app", "vilya.yaml");
    await sees("vendor/app/a.php", () => write("vendor/app/a.php", "2"));
    await sees("vilya.yaml", () => write("vilya.yaml", "2"));
  });

  test("says once that the system lets it watch no more, and everything else that goes wrong", async () => {
    const log = new RecordingLog();
    const watcher = new FSWatcher();
    await using _watch = new FileWatch(watcher, () => {}, log);
    for (const path of ["/app/a.ts", "/app/b.ts"]) {
      watcher.emit("error", Object.assign(new Error("no space left on device"), { code: "ENOSPC", path }));
    }
    watcher.emit("error", Object.assign(new Error("too many open files"), { code: "EMFILE" }));
    watcher.emit("error", new Error("something else"));
    expect(log.events.map(({ event, fields }) => [event, fields["limit"], fields["first"]])).toEqual([
      [TOO_MANY, "fs.inotify.max_user_watches", "/app/a.ts"],
      [TOO_MANY, "fs.inotify.max_user_instances", null],
      ["files are not watched as they should", undefined, undefined],
    ]);
  });
});
