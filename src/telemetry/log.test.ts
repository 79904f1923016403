import { describe, expect, test } from "bun:test";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { TemporaryDirectory } from "../../test/support/temporary-directory.ts";
import { PATIENCE_MS } from "../../test/support/until.ts";
import type { LogFormat, LogLevel } from "../base/log-level.ts";
import { type Log, openLog } from "./log.ts";
import type { LogFields } from "./logger.ts";

/** What a log wrote to a file while `use` ran. */
async function written(
  level: LogLevel,
  format: LogFormat,
  use: (log: Log) => void,
  fields: LogFields = {},
): Promise<string> {
  using folder = new TemporaryDirectory();
  const path = join(folder.path, "log");
  const fileDescriptor = openSync(path, "w");
  const log = openLog({ level, format, fields, fileDescriptor, now: () => 0 });
  use(log);
  expect(await log.flush(PATIENCE_MS)).toBe(true);
  closeSync(fileDescriptor);
  return readFileSync(path, "utf8");
}

describe("openLog", () => {
  test("writes events in order, with the fields of the log before their own", async () => {
    const text = await written(
      "info",
      "text",
      (log) => {
        log.info("started", { port: 8888 });
        log.error("failed");
      },
      { role: "front" },
    );
    expect(text).toBe(
      "1970-01-01T00:00:00.000Z info  started role=front port=8888\n1970-01-01T00:00:00.000Z error failed role=front\n",
    );
  });

  test.each([
    ["debug", "debug info warn error"],
    ["info", "info warn error"],
    ["warn", "warn error"],
    ["error", "error"],
  ] as const)("writes at level %s: %s", async (level, expected) => {
    const text = await written(level, "json", (log) => {
      for (const each of ["debug", "info", "warn", "error"] as const) {
        log[each](each);
        expect(log.isEnabled(each)).toBe(expected.includes(each));
      }
    });
    const events = text
      .trimEnd()
      .split("\n")
      .map((line) => (JSON.parse(line) as { readonly event: string }).event);
    expect(events.join(" ")).toBe(expected);
  });

  test("lets children follow a change of level, and add fields over those of their parent", async () => {
    const text = await written("error", "text", (log) => {
      const child = log.child({ pool: "default" }).child({ workerId: 1, pool: "other" });
      child.info("unheard");
      log.level = "info";
      child.info("heard", { workerId: 2 });
    });
    expect(text).toBe("1970-01-01T00:00:00.000Z info  heard pool=other workerId=2\n");
  });

  test("writes the event even when a field cannot be read", async () => {
    const error = new Error("hidden");
    Object.defineProperty(error, "message", {
      get() {
        throw new Error("no");
      },
    });
    expect(await written("info", "text", (log) => log.warn("odd", { error }))).toEndWith(
      "odd isFieldsUnreadable=true\n",
    );
  });

  test("does not hold up the process when nobody reads its STDERR", async () => {
    const source = `
      import { openLog } from ${JSON.stringify(join(import.meta.dir, "log.ts"))};
      const log = openLog({ level: "info", format: "json" });
      for (let index = 0; index < 5000; index++) log.info("filler", { text: "x".repeat(1000) });
      console.log(await log.flush(50));
      process.exit(7);
    `;
    using folder = new TemporaryDirectory();
    const fifo = join(folder.path, "fifo");
    Bun.spawnSync(["mkfifo", fifo]);
    // Opened for both directions the pipe always has a reader, one that never reads.
    await using child = Bun.spawn(["sh", "-c", 'exec "$0" --eval "$1" 2<>"$2"', process.execPath, source, fifo], {
      stdout: "pipe",
    });
    expect(await child.stdout.text()).toBe("false\n");
    expect(await child.exited).toBe(7);
  });
});
