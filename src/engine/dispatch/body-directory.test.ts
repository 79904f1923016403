import { expect, test } from "bun:test";
import { existsSync, mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { TemporaryDirectory } from "../../../test/support/temporary-directory.ts";
import { RecordingLog } from "../../../test/support/recording-log.ts";
import { BodyDirectory, openBodyDirectory, sweepBodyDirectories } from "./body-directory.ts";

test("a front's directory is private, its own, and gone with what is in it", () => {
  using parent = new TemporaryDirectory();
  const first = new BodyDirectory(parent.path);
  using second = new BodyDirectory(parent.path);
  expect(first.path).not.toBe(second.path);
  expect(statSync(first.path).mode & 0o777).toBe(0o700);
  writeFileSync(join(first.path, "body"), "x");
  first[Symbol.dispose]();
  expect(readdirSync(parent.path)).toEqual([second.path.slice(parent.path.length + 1)]);
});

test("what a killed front left is removed, and nothing else", () => {
  using parent = new TemporaryDirectory();
  using alive = new BodyDirectory(parent.path);
  const abandoned = join(parent.path, "vilya-bodies-aBc123");
  const others = ["vilya-bodies-", "vilya-bodies-aBc1234", "vilya-bodies-a.c123"].map((name) =>
    join(parent.path, name),
  );
  for (const path of [abandoned, ...others]) mkdirSync(path);
  writeFileSync(join(abandoned, "body"), "x");
  const linked = join(parent.path, "vilya-bodies-linked");
  symlinkSync(alive.path, linked);
  sweepBodyDirectories(parent.path, new RecordingLog());
  expect(existsSync(abandoned)).toBe(false);
  for (const path of [alive.path, linked, ...others]) expect(existsSync(path)).toBe(true);
});

test("without a place for it there is none, and the log says so", () => {
  const log = new RecordingLog();
  expect(openBodyDirectory("/proc/nowhere", log)).toBeNull();
  expect(log.events.map(({ event }) => event)).toEqual(["request bodies go to workers by value"]);
});
