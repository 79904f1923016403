import { expect, test } from "bun:test";

import { RecordingLog } from "../../../test/support/recording-log.ts";
import { TemporaryDirectory } from "../../../test/support/temporary-directory.ts";
import { bodyParent } from "./body-parent.ts";

test("is what the configuration says, else the directory for temporary files", () => {
  using temporary = new TemporaryDirectory();
  const log = new RecordingLog();
  const own = "/run/vilya/front";
  expect(bodyParent({ configured: "/data", temporary: "/nowhere", own }, log)).toBe("/data");
  expect(bodyParent({ configured: null, temporary: temporary.path, own }, log)).toBe(temporary.path);
  expect(log.events).toEqual([]);
});

test("is the front's own where temporary files cannot be written", () => {
  const log = new RecordingLog();
  expect(bodyParent({ configured: null, temporary: "/nowhere", own: "/run/a" }, log)).toBe("/run/a");
  const fields = { directory: "/run/a", temporary: "/nowhere", code: "ENOENT" };
  expect(log.named("request bodies go to the runtime directory")[0]?.fields).toEqual(fields);
});
