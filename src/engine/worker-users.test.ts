import { expect, test } from "bun:test";
import { chmodSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RecordingLog } from "../../test/support/recording-log.ts";
import { openBodyDirectory } from "./dispatch/body-directory.ts";
import { findRuntimeParent } from "./master/runtime-parent.ts";
import { assertReachable, WorkerUserError } from "./worker-users.ts";

const STRANGER = { userId: 54_321, groupId: 54_321, groupIds: [54_321], userName: "shop", homeDirectory: "/" };

test("What workers of another user have to get to is refused where they cannot, and another place taken where there is one", () => {
  const closed = mkdtempSync(join(realpathSync(tmpdir()), "vr-"));
  const state = `workers run as user shop, who may not pass through ${closed}, one open to that user (chmod o+x) is allowed`;
  try {
    expect(() => assertReachable(closed, [STRANGER], "runtime_dir")).toThrow(
      new WorkerUserError(`Cannot use runtime_dir ${closed}: ${state}`),
    );
    expect(() => findRuntimeParent({ configured: closed, session: undefined, users: [STRANGER] })).toThrow(state);
    expect(findRuntimeParent({ configured: null, session: closed, users: [STRANGER] })).not.toBe(closed);
    const log = new RecordingLog();
    expect(openBodyDirectory(closed, log, [STRANGER])).toBeNull();
    expect(log.named("request bodies go to workers by value")).toHaveLength(1);
    chmodSync(closed, 0o711);
    assertReachable(closed, [STRANGER], "runtime_dir");
    expect(findRuntimeParent({ configured: null, session: closed, users: [STRANGER] })).toBe(closed);
  } finally {
    rmSync(closed, { recursive: true });
  }
});
