import { describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";

import { TemporaryDirectory } from "../../../test/support/temporary-directory.ts";
import { TimerWheel } from "../../kernel/timer-wheel.ts";
import { OutputListener } from "./output-listener.ts";

/** Runs a process that writes each of these texts to a connection of its own, and waits for its end without a turn of our loop. */
function write(path: string, ...texts: readonly string[]): void {
  const program = `
    foreach (array_slice($argv, 2) as $text) {
        $connections[] = $connection = stream_socket_client("unix://$argv[1]");
        fwrite($connection, $text);
    }`;
  expect(Bun.spawnSync(["php", "-r", program, "--", path, ...texts]).stderr.toString()).toBe("");
}

function textsOf({ stdout, stderr }: OutputListener): Promise<readonly string[]> {
  return Promise.all([stdout, stderr].map((stream) => Bun.readableStreamToText(stream)));
}

describe("OutputListener", () => {
  test.each([
    [
      ["out", "err"],
      ["out", "err"],
    ],
    [["out"], ["out", ""]],
    [[], ["", ""]],
  ])(
    "has what %j has written, though it was closed before the connections were accepted",
    async (written, expected) => {
      using directory = new TemporaryDirectory();
      const path = directory.at("o.sock");
      const listener = new OutputListener(path, new TimerWheel());
      write(path, ...written);
      listener.close();
      expect(await textsOf(listener)).toEqual(expected);
      expect(existsSync(path)).toBe(false);
    },
  );
});
