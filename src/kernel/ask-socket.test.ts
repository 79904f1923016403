import { expect, test } from "bun:test";

import { TemporaryDirectory } from "../../test/support/temporary-directory.ts";
import { readSocketLines } from "./ask-socket.ts";

test("readSocketLines › tells whole lines, however they arrive, and returns when the server or the wish for more is gone", async () => {
  using directory = new TemporaryDirectory();
  const path = directory.at("s");
  const server = Bun.serve({
    unix: path,
    fetch: () =>
      new Response(
        new ReadableStream({
          start(controller) {
            for (const part of ["on", "e\ntw", "o\nthr", "ee"]) controller.enqueue(Buffer.from(part));
            controller.close();
          },
        }),
      ),
  });
  const lines: string[] = [];
  await readSocketLines(path, "/", (line) => lines.push(line) > 0);
  expect(lines).toEqual(["one", "two"]);
  await readSocketLines(path, "/", (line) => lines.push(line) < 3);
  expect(lines).toEqual(["one", "two", "one"]);
  await server.stop(true);
});
