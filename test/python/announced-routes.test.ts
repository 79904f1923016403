import { describe, expect, test } from "bun:test";
import { join } from "node:path";

import { servePython } from "../support/python-app.ts";
import { findTestPython } from "../support/python.ts";
import { until } from "../support/until.ts";

const APPS = join(import.meta.dir, "../support/apps/python");

/** Paths that the routes of `routed.py` fit in their different ways, or nearly. */
const PATHS = [
  "/",
  "/users",
  "/users/",
  "/users/me",
  "/users/42",
  "/users/042",
  "/users/1234567890123456",
  "/users/12345678901234567890",
  "/users/ada",
  "/users/ada%20b",
  "/users/a%2Fb",
  "/users/gr%C3%BC%C3%9Fe",
  "/users/a.b-c~d!$&'()*+,;=:@",
  "/users/.",
  "/users/7/friends/8",
  "/users/ada/friends/8",
  "/users/7/friends/",
  "/users//friends/8",
  "/users/ada/posts/9/edit",
  "/users/7/posts/9/edit",
  "/users/7/posts/x/edit",
  "/users/override",
  "/old/7",
  "/dir",
  "/dir/",
  "/files",
  "/files/",
  "/files/a",
  "/files/a/b//c/",
  "/files/readme.txt",
  "/files/readme%2Etxt",
  "/inner",
  "/inner/",
  "/inner/7",
  "/inner/x",
  "/app/ada",
  "/app/42",
  "/app",
  "/nowhere",
  "//users",
] as const;

const METHODS = ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PURGE", "get"] as const;

interface Answer {
  readonly asked: string;
  readonly status: number;
  readonly allow: string | null;
  readonly location: string | null;
  readonly body: string;
}

interface Asked {
  readonly answers: readonly Answer[];
  /** Requests whose route the server had found. */
  readonly toldCount: number;
}

/** Asks for every path with every method. */
async function ask(port: number): Promise<Asked> {
  const answers: Answer[] = [];
  let toldCount = 0;
  for (const method of METHODS) {
    const responses = await Promise.all(
      PATHS.map((path) =>
        fetch(`http://127.0.0.1:${port}${path}`, { method, redirect: "manual", headers: { host: "example.com" } }),
      ),
    );
    for (const [index, response] of responses.entries()) {
      if (response.headers.get("x-told") === "true") toldCount++;
      answers.push({
        asked: `${method} ${PATHS[index]}`,
        status: response.status,
        allow: response.headers.get("allow"),
        location: response.headers.get("location"),
        body: await response.text(),
      });
    }
  }
  return { answers, toldCount };
}

/** Starts uvicorn and returns the port that it has been given. */
async function askUnderUvicorn(): Promise<Asked> {
  const command = [findTestPython(), "-m", "uvicorn", "routed:app", "--port", "0", "--no-access-log"];
  const sdk = join(import.meta.dir, "../../sdk/python/src");
  const env = { ...process.env, PYTHONPATH: `${sdk}:${APPS}`, PYTHONDONTWRITEBYTECODE: "1" };
  const child = Bun.spawn(command, { env, stdin: "ignore", stdout: "ignore", stderr: "pipe" });
  try {
    let said = "";
    void child.stderr.pipeTo(
      new WritableStream({ write: (chunk) => void (said += Buffer.from(chunk).toString("latin1")) }),
    );
    await until("uvicorn", () => /running on http:\/\/127\.0\.0\.1:\d+ /.test(said));
    return await ask(Number(/127\.0\.0\.1:(\d+) /.exec(said)![1]));
  } finally {
    child.kill();
    await child.exited;
  }
}

describe("routes that an application has announced", () => {
  test("are found before the worker is asked, and whatever is asked for is answered as under any other server", async () => {
    await using server = await servePython("routed:app");
    const [ours, theirs] = await Promise.all([ask(server.port), askUnderUvicorn()]);
    for (const [index, answer] of ours.answers.entries()) expect(answer).toEqual(theirs.answers[index]!);
    expect(theirs.toldCount).toBe(0);
    expect(ours.toldCount).toBeGreaterThan(PATHS.length);
  });
});
