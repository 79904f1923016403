import { afterEach, describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RecordingLog } from "../../../test/support/recording-log.ts";
import { RuntimeDirectory, sweepRuntimeParent } from "./runtime-directory.ts";
import { RuntimeDirectoryError } from "./runtime-parent.ts";

const parents: string[] = [];

afterEach(() => {
  for (const parent of parents.splice(0)) rmSync(parent, { recursive: true, force: true });
});

function createParent(): string {
  const parent = mkdtempSync(join(tmpdir(), "vp-"));
  parents.push(parent);
  return parent;
}

describe("RuntimeDirectory", () => {
  test("is private to its owner, fronts' folders included, whatever the umask", () => {
    const previous = process.umask(0);
    try {
      using directory = new RuntimeDirectory({ parent: createParent(), name: "shop" });
      expect(statSync(directory.path).mode & 0o777).toBe(0o700);
      expect(statSync(directory.addFront(1)).mode & 0o777).toBe(0o700);
    } finally {
      process.umask(previous);
    }
  });

  test("is gone after its instance, with all that fronts left in it", () => {
    const parent = createParent();
    {
      using directory = new RuntimeDirectory({ parent, name: "shop" });
      writeFileSync(join(directory.addFront(1), "worker.sock"), "");
    }
    expect(readdirSync(parent)).toEqual([]);
  });

  test("two instances of one name do not share it, and neither removes the other's", () => {
    const parent = createParent();
    using first = new RuntimeDirectory({ parent, name: "shop" });
    {
      using second = new RuntimeDirectory({ parent, name: "shop" });
      expect(second.path).not.toBe(first.path);
      sweepRuntimeParent(parent, new RecordingLog());
      expect([first, second].map(({ path }) => existsSync(path))).toEqual([true, true]);
    }
    expect(existsSync(first.path)).toBe(true);
  });

  test("removes the folder of one front and no other", () => {
    using directory = new RuntimeDirectory({ parent: createParent(), name: "shop" });
    const [first, second] = [directory.addFront(1), directory.addFront(2)];
    directory.removeFront(first);
    expect([first, second].map((path) => existsSync(path))).toEqual([false, true]);
  });

  test("is refused where its sockets' paths would be too long, and fits one byte below", () => {
    const name = "n";
    const parent = createParent();
    const bytesOf = (depth: number) => Buffer.byteLength(join(parent, "d".repeat(depth), `vilya-${name}-123456`));
    const depthMax = 107 - "/front-9999999/".length - 32 - bytesOf(0) - 1;
    for (const depth of [depthMax, depthMax + 1]) mkdirSync(join(parent, "d".repeat(depth)));
    using fitting = new RuntimeDirectory({ parent: join(parent, "d".repeat(depthMax)), name });
    expect(existsSync(fitting.path)).toBe(true);
    const tooDeep = join(parent, "d".repeat(depthMax + 1));
    expect(() => new RuntimeDirectory({ parent: tooDeep, name })).toThrow(RuntimeDirectoryError);
    expect(readdirSync(tooDeep)).toEqual([]);
  });

  test("says why it cannot be made", () => {
    expect(() => new RuntimeDirectory({ parent: "/no/such/parent", name: "shop" })).toThrow(
      /^Cannot make a directory for sockets in \/no\/such\/parent: ENOENT/,
    );
  });
});

describe("sweepRuntimeParent", () => {
  /** What an instance that was killed leaves: its directory, which nobody locks any more. */
  function abandon(parent: string, name: string): string {
    const path = join(parent, name);
    mkdirSync(join(path, "front-1"), { recursive: true });
    writeFileSync(join(path, "master.pid"), "1\n");
    return path;
  }

  test("removes what killed instances left, and says so", () => {
    const parent = createParent();
    const paths = [abandon(parent, "vilya-shop-aB3dE9"), abandon(parent, "vilya-a.b-c_d-000000")];
    const log = new RecordingLog();
    sweepRuntimeParent(parent, log);
    expect(readdirSync(parent)).toEqual([]);
    expect(log.events.map(({ fields }) => String(fields["path"])).toSorted()).toEqual(paths.toSorted());
  });

  test("leaves alone what is no runtime directory", () => {
    const parent = createParent();
    abandon(parent, "vilya-shop"); // Not such a name.
    abandon(parent, ".vilya-shop-aB3dE9"); // Not yet in use.
    mkdirSync(join(parent, "vilya-other-aB3dE9"));
    writeFileSync(join(parent, "vilya-file-aB3dE9"), "");
    const target = abandon(createParent(), "vilya-elsewhere-aB3dE9");
    symlinkSync(target, join(parent, "vilya-link-aB3dE9"));
    const before = readdirSync(parent);
    sweepRuntimeParent(parent, new RecordingLog());
    expect(readdirSync(parent)).toEqual(before);
    expect(existsSync(join(target, "master.pid"))).toBe(true);
  });
});
