import { describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { HttpServer } from "../../../test/support/http-server.ts";
import { assertNoLeaks, snapshot } from "../../../test/support/leak-check.ts";
import { RecordingLog } from "../../../test/support/recording-log.ts";
import { bodyOf, fieldOf, FILE_TIME, requestText, statusOf } from "../../../test/support/static-server.ts";
import { until } from "../../../test/support/until.ts";
import { fieldBlockOf, fieldListOf } from "../../protocols/http/field-list.ts";
import { FileOffload, offerOf } from "./file-offload.ts";

/** A listener whose app names files. */
class OffloadServer implements Disposable {
  readonly directory: string = mkdtempSync(join(tmpdir(), "vilya-offload-"));
  readonly files: string = join(this.directory, "files");
  readonly log: RecordingLog = new RecordingLog();
  readonly http: HttpServer = new HttpServer();
  readonly #offload: FileOffload;
  isTaken: boolean | null = null;

  constructor() {
    mkdirSync(this.files);
    writeFileSync(join(this.directory, "secret"), "secret");
    this.#offload = new FileOffload([{ prefix: "/protected", directory: this.files }], this.log);
  }

  file(name: string, content: string): string {
    const path = join(this.files, name);
    writeFileSync(path, content);
    utimesSync(path, new Date(FILE_TIME), new Date(FILE_TIME));
    return path;
  }

  /** What the app says from now on. */
  says(fields: Readonly<Record<string, string>>, status: number = 200): void {
    this.http.respond = (request) => {
      const block = fieldBlockOf(Object.entries(fields));
      this.isTaken = this.#offload.take(request.exchange, offerOf(request.exchange.head), { status, fields: block });
      if (!this.isTaken) request.answer("the app's", status, Object.fromEntries(fieldListOf(block)));
    };
  }

  async ask(fields: readonly string[] = [], method: string = "GET"): Promise<string> {
    using client = await this.http.connect();
    client.send(requestText("/download", [...fields, "Connection: close"], method));
    return await client.untilEnd();
  }

  [Symbol.dispose](): void {
    this.http[Symbol.dispose]();
    this.#offload[Symbol.dispose]();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

describe("FileOffload", () => {
  test.each(["X-Sendfile", "X-Accel-Redirect"])(
    "sends the file that %s names, with the app's fields",
    async (field) => {
      using server = new OffloadServer();
      const path = server.file("a b.txt", "content");
      server.says({
        [field]: field === "X-Sendfile" ? path : "/protected/a%20b.txt",
        "Content-Disposition": "attachment",
        "Content-Length": "0",
        "Cache-Control": "private",
        ETag: '"app"',
      });
      const answer = await server.ask();
      expect([statusOf(answer), bodyOf(answer)]).toEqual([200, "content"]);
      expect(fieldOf(answer, "Content-Type")).toBe("text/plain;charset=utf-8");
      expect(fieldOf(answer, "Content-Disposition")).toBe("attachment");
      expect(fieldOf(answer, "Cache-Control")).toBe("private");
      expect(fieldOf(answer, "Last-Modified")).toBe(FILE_TIME);
      expect(fieldOf(answer, "ETag")).not.toBe('"app"');
      expect(fieldOf(answer, field)).toBeNull();
    },
  );

  test("keeps to conditions and ranges, and answers HEAD", async () => {
    using server = new OffloadServer();
    server.says({ "X-Sendfile": server.file("a", "0123456789"), "Content-Type": "video/mp4" });
    const whole = await server.ask();
    expect(fieldOf(whole, "Content-Type")).toBe("video/mp4");
    expect(bodyOf(await server.ask(["Range: bytes=2-4"]))).toBe("234");
    expect(statusOf(await server.ask([`If-None-Match: ${fieldOf(whole, "ETag")}`]))).toBe(304);
    const head = await server.ask([], "HEAD");
    expect([fieldOf(head, "Content-Length"), bodyOf(head)]).toEqual(["10", ""]);
  });

  test.each(["/etc/passwd", "FILES", "FILES/", "FILES/../secret", "FILES//a", "FILES/./a", "FILESa", "relative", ""])(
    "refuses X-Sendfile: %s",
    async (named) => {
      using server = new OffloadServer();
      server.file("a", "x");
      server.says({ "X-Sendfile": named.replace("FILES", server.files) });
      const answer = await server.ask();
      expect(statusOf(answer)).toBe(500);
      expect(answer).not.toContain(server.directory);
      expect(server.log.named("app named a file outside of the roots for sendfile")).toHaveLength(1);
    },
  );

  test.each([
    "/protected/../secret",
    "/protected/%2e%2e/secret",
    "/protected/..%2fsecret",
    "/other/a",
    "/protected",
    "/a",
    "/protected/",
  ])("refuses X-Accel-Redirect: %s", async (named) => {
    using server = new OffloadServer();
    server.file("a", "x");
    server.says({ "X-Accel-Redirect": named });
    expect(statusOf(await server.ask())).toBe(500);
  });

  test("has nothing behind links that lead out, directories, and names of nothing", async () => {
    using server = new OffloadServer();
    symlinkSync("../secret", join(server.files, "link"));
    mkdirSync(join(server.files, "directory"));
    for (const name of ["link", "directory", "missing"]) {
      server.says({ "X-Sendfile": join(server.files, name) });
      expect(statusOf(await server.ask())).toBe(404);
    }
  });

  test("leaves answers that name no file, or are no success, to the app without the name", async () => {
    using server = new OffloadServer();
    server.says({});
    expect(bodyOf(await server.ask())).toBe("the app's");
    server.says({ "X-Sendfile": server.file("a", "x"), "X-Accel-Redirect": "/protected/a", "X-App": "1" }, 404);
    const answer = await server.ask();
    expect([statusOf(answer), bodyOf(answer)]).toEqual([404, "the app's"]);
    for (const field of ["X-Sendfile", "X-Accel-Redirect"]) expect(fieldOf(answer, field)).toBeNull();
    expect(fieldOf(answer, "X-App")).toBe("1");
  });

  test("closes the file of a client that leaves", async () => {
    using server = new OffloadServer();
    server.says({ "X-Sendfile": server.file("large", "") });
    await server.ask();
    truncateSync(join(server.files, "large"), 1024 * 1024 * 1024);
    const before = snapshot();
    {
      using client = await server.http.connect();
      client.pause();
      client.send(requestText("/download"));
      await until("the answer", () => server.http.listener.counters.responses === 2);
    }
    await assertNoLeaks(before);
  });
});
