import { describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { connect } from "node:http2";
import { dirname, join } from "node:path";

import { phpApp } from "../support/php-app.ts";
import { RawClient } from "../support/raw-client.ts";
import { residentBytes } from "../support/resident-bytes.ts";
import { until } from "../support/until.ts";
import { startVilya, type VilyaServer } from "../support/vilya.ts";

const WORKERS = join(import.meta.dir, "../support/workers");
const MIB = 1024 * 1024;

/** What `workers/form.php` has got: name, filename, type, size and hash of each file. */
interface Shown {
  readonly raw: string;
  readonly values: Readonly<Record<string, readonly string[]>>;
  readonly post: unknown;
  readonly files: readonly (readonly [string, string, string, number, string])[];
}

interface UploadsOptions {
  readonly uploads?: Readonly<Record<string, unknown>>;
  readonly server?: Readonly<Record<string, unknown>>;
  readonly script?: string;
  readonly expectedErrors?: readonly string[];
}

function startForms({
  uploads = {},
  server = {},
  script = "form.php",
  expectedErrors = [],
}: UploadsOptions = {}): Promise<VilyaServer> {
  return startVilya({
    config: phpApp({
      php: { worker_script: join(WORKERS, script) },
      workers: { count: 1, timeout: "20s" },
      server: { body_dir: "bodies", ...server },
      uploads: { enabled: true, ...uploads },
    }),
    files: { "bodies/.keep": "" },
    expectedErrors,
  });
}

function filesOf(server: VilyaServer): readonly string[] {
  const parent = join(server.directory, "bodies");
  return readdirSync(parent, { recursive: true, encoding: "utf8" }).filter((name) => name.includes("vilya-body-"));
}

async function post(server: VilyaServer, body: FormData | string | Buffer, type = "", query = ""): Promise<string> {
  const headers = type === "" ? {} : { "Content-Type": type };
  const response = await fetch(`${server.url}/${query}`, { method: "POST", body, headers });
  return `${response.status} ${await response.text()}`;
}

async function shown(server: VilyaServer, body: FormData | string, type = "", query = ""): Promise<Shown> {
  const answer = await post(server, body, type, query);
  expect(answer).toStartWith("200 ");
  return JSON.parse(answer.slice(4)) as Shown;
}

const MULTIPART = "multipart/form-data; boundary=b";
const URLENCODED = "application/x-www-form-urlencoded";

/** A form of the parts whose headers and contents are given. */
function multipart(...parts: readonly (readonly [string, string])[]): string {
  const text = parts.map(([disposition, content]) => {
    return `--b\r\nContent-Disposition: form-data; ${disposition}\r\n\r\n${content}\r\n`;
  });
  return `${text.join("")}--b--\r\n`;
}

function oneFile(content: string | Uint8Array<ArrayBuffer> = "content", name = "a.txt"): FormData {
  const form = new FormData();
  form.append("file", new File([content], name, { type: "text/x-test" }));
  return form;
}

const sha1 = (content: string | Uint8Array): string => createHash("sha1").update(content).digest("hex");

describe("a form", () => {
  test("reaches its worker parsed, with its files by path, which go with the request", async () => {
    await using server = await startForms();
    const content = Uint8Array.from({ length: 3 * MIB }, (_, index) => index * 7);
    const form = oneFile(content, "bild ü.bin");
    form.append("tags[]", "one");
    form.append("tags[]", "two");
    form.append("user[name]", "Ünal");
    form.append("empty", new File([], ""));
    form.append("file", new File(["second"], "b"));
    const got = await shown(server, form);
    expect(got).toEqual({
      raw: "",
      values: { "tags[]": ["one", "two"], "user[name]": ["Ünal"] },
      post: { tags: ["one", "two"], user: { name: "Ünal" } },
      files: [
        ["file", "bild ü.bin", "text/x-test", content.length, sha1(content)],
        ["file", "b", "application/octet-stream", 6, sha1("second")],
      ],
    });
    await until("the files' end", () => filesOf(server).length === 0);
  });

  test("may be urlencoded; other bodies, and forms without a body, stay as they are", async () => {
    await using server = await startForms();
    expect(await shown(server, "a=1&a=%32&b=%zz&c=%ff&=&d", URLENCODED)).toMatchObject({
      raw: "",
      values: { a: ["1", "2"], b: ["%zz"], c: ["\u{fffd}"], "": [""], d: [""] },
    });
    expect(await shown(server, '{"a":1}', "application/json")).toMatchObject({ raw: '{"a":1}', values: [] });
    const response = await fetch(server.url, { headers: { "Content-Type": MULTIPART } });
    expect(await response.json()).toMatchObject({ raw: "", values: [], files: [] });
  });

  test("stays as it is where nobody asks for it, by route or app, and for workers of level 1", async () => {
    const app = { runtime: "php", php: { worker_script: join(WORKERS, "form.php") }, workers: { count: 1 } };
    const routes = [
      { path: "/on", app: "off", uploads: true },
      { path: "/off", app: "on", uploads: false },
      { path: "/app", app: "on" },
      { app: "off" },
    ];
    await using server = await startVilya({
      config: { apps: { on: { ...app, uploads: { enabled: true } }, off: app }, routes },
    });
    const raw = async (path: string): Promise<string> => {
      const headers = { "Content-Type": URLENCODED };
      const response = await fetch(server.url + path, { method: "POST", body: "a=1", headers });
      return ((await response.json()) as Shown).raw;
    };
    expect([await raw("/on"), await raw("/app"), await raw("/off"), await raw("/")]).toEqual(["", "", "a=1", "a=1"]);
    await using old = await startForms({ script: "level-one.php" });
    expect(await post(old, "a=1", URLENCODED)).toBe("200 3 13");
  });

  test("has its files in a private place, under names of the engine's own", async () => {
    await using server = await startForms();
    const hold = join(server.directory, "held");
    const body = multipart(['name="file"; filename="../../../etc/passwd"', "x"], ['name="file"; filename="/"', "y"]);
    const outcome = shown(server, body, MULTIPART, `?hold=${hold}`);
    await until("the worker to have it", () => existsSync(hold));
    const [paths, modes] = JSON.parse(readFileSync(hold, "utf8")) as [string[], string[]];
    expect(modes).toEqual(["100600 40700", "100600 40700"]);
    for (const path of paths) expect(dirname(path)).toStartWith(join(server.directory, "bodies/vilya-bodies-"));
    writeFileSync(`${hold}-go`, "");
    expect((await outcome).files.map(([, filename]) => filename)).toEqual(["passwd", ""]);
  });

  test("comes over HTTP/2, too, and a bad one ends its stream alone", async () => {
    await using server = await startForms();
    const session = connect(server.url);
    const ask = async (body: string): Promise<string> => {
      const headers = { ":method": "POST", ":path": "/", "content-type": MULTIPART };
      const stream = session.request(headers);
      let status = 0;
      stream.on("response", (fields) => void (status = Number(fields[":status"])));
      stream.end(body);
      let text = "";
      for await (const chunk of stream) text += String(chunk);
      return `${status} ${text}`;
    };
    const content = "x".repeat(200_000);
    const answers = await Promise.all([
      ask(multipart(['name="file"; filename="a"', content], ['name="a"', "1"])),
      ask(multipart(['name="a"', "1"]).slice(0, -6)),
    ]);
    expect(JSON.parse(answers[0].slice(4))).toMatchObject({
      values: { a: ["1"] },
      files: [["file", "a", "", content.length, sha1(content)]],
    });
    expect(answers[1]).toStartWith("400 ");
    session.destroy();
    await until("the files' end", () => filesOf(server).length === 0);
  });

  test("may have its files moved, which are its worker's then", async () => {
    await using server = await startForms();
    mkdirSync(join(server.directory, "kept"));
    const kept = join(server.directory, "kept/a");
    await shown(server, oneFile(), "", `?keep=${kept}`);
    await shown(server, oneFile());
    expect(readFileSync(kept, "utf8")).toBe("content");
    expect(statSync(kept).mode & 0o777).toBe(0o600);
  });

  test("of 150 MB costs the front little memory", async () => {
    await using server = await startForms({ server: { max_body_size: "1GiB" } });
    const front = await server.frontPid();
    await shown(server, oneFile());
    const before = residentBytes(front);
    let peak = before;
    const timer = setInterval(() => (peak = Math.max(peak, residentBytes(front))), 5);
    const content = Buffer.alloc(150_000_000, "0123456789\r\n--");
    const got = await shown(server, oneFile(content));
    clearInterval(timer);
    expect(got.files[0]?.slice(3)).toEqual([content.length, sha1(content)]);
    expect(peak - before).toBeLessThan(64 * MIB);
  }, 120_000);
});

describe("the files of a form", () => {
  test("go with a worker that dies", async () => {
    await using server = await startForms({ expectedErrors: ["worker crashed"] });
    const hold = join(server.directory, "held");
    const outcome = post(server, oneFile(), "", `?hold=${hold}`);
    await until("the worker to have it", () => existsSync(hold));
    const [worker] = await server.workerPids();
    server.signal("SIGKILL", worker);
    expect(await outcome).toStartWith("502 ");
    await until("the files' end", () => filesOf(server).length === 0);
  });

  test("go with a front that dies, at the latest when the next one starts", async () => {
    await using server = await startForms();
    const hold = join(server.directory, "held");
    const outcome = post(server, oneFile(), "", `?hold=${hold}`).catch(() => "failed");
    await until("the worker to have it", () => existsSync(hold));
    server.signal("SIGKILL", await server.frontPid());
    expect(await outcome).toBe("failed");
    await until("the files' end", () => filesOf(server).length === 0);
  });

  test("go with the master, where no front comes after the one that died", async () => {
    await using server = await startForms({ expectedErrors: ["front exited"] });
    const hold = join(server.directory, "held");
    const outcome = post(server, oneFile(), "", `?hold=${hold}`).catch(() => "failed");
    await until("the worker to have it", () => existsSync(hold));
    server.signal("SIGTERM");
    await server.logged("stopping");
    server.signal("SIGKILL", await server.frontPid());
    await outcome;
    await server.exited;
    expect(filesOf(server)).toEqual([]);
  });

  test("go with a client that leaves before they are whole", async () => {
    await using server = await startForms();
    const client = await RawClient.connect(server.port);
    client.send(`POST / HTTP/1.1\r\nHost: a\r\nContent-Type: ${MULTIPART}\r\nContent-Length: 100000\r\n\r\n`);
    client.send(`--b\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n${"x".repeat(50_000)}`);
    await until("a file", () => filesOf(server).length === 1);
    client.reset();
    await until("its end", () => filesOf(server).length === 0);
  });
});

const MANY = 100_000;

const REFUSED: readonly (readonly [string, string, string, number])[] = [
  ["without an end", MULTIPART, multipart(['name="a"; filename="f"', "x"]).slice(0, -8), 400],
  ["without a boundary", "multipart/form-data", multipart(['name="a"', "x"]), 400],
  ["with bare line feeds", MULTIPART, multipart(['name="a"', "x"]).replaceAll("\r\n", "\n"), 400],
  ["whose parts have no names", MULTIPART, multipart(['filename="f"', "x"]), 400],
  [
    "with 100,000 fields in parts",
    MULTIPART,
    multipart(...Array.from({ length: MANY }, () => ['name="a"', ""] as const)),
    413,
  ],
  [
    "with 100,000 files",
    MULTIPART,
    multipart(...Array.from({ length: MANY }, () => ['name="a"; filename="f"', ""] as const)),
    413,
  ],
  ["with 100,000 fields", URLENCODED, "a=&".repeat(MANY), 413],
  ["with a field that is too large", MULTIPART, multipart(['name="a"', "x".repeat(MIB + 1)]), 413],
  ["with a header that is too large", MULTIPART, multipart([`name="a"; x="${"x".repeat(9_000)}"`, ""]), 413],
  ["with a name that is too long", URLENCODED, `${"a".repeat(1_025)}=1`, 413],
  [
    "with fields that are too large together",
    URLENCODED,
    "a=1&".repeat(900) + Array.from({ length: 3 }, () => `b=${"x".repeat(MIB - 500)}&`).join(""),
    413,
  ],
];

describe("a form that is none", () => {
  test("is refused, and nothing of it stays", async () => {
    await using server = await startForms();
    for (const [what, type, body, status] of REFUSED) {
      const answer = await post(server, body, type).catch(() => "cut");
      expect([what, answer.slice(0, 4)]).toEqual([what, `${status} `]);
    }
    await until("the files' end", () => filesOf(server).length === 0);
    expect(await post(server, "a=1", URLENCODED)).toStartWith("200 ");
  });

  test("with a boundary of a megabyte is refused with its head, as every head of that size", async () => {
    await using server = await startForms();
    const type = `multipart/form-data; boundary=${"b".repeat(1_000_000)}`;
    expect(await post(server, "x", type).catch(() => "cut")).toMatch(/^431 |^cut$/);
  });

  test("with files over their limits is refused, and those up to them are not", async () => {
    await using server = await startForms({ uploads: { max_file_size: "10B", max_files: 2, max_fields: 1 } });
    const file = (bytes: number): readonly [string, string] => ['name="f"; filename="f"', "x".repeat(bytes)];
    expect(await post(server, multipart(file(10), file(10), ['name="a"', ""]), MULTIPART)).toStartWith("200 ");
    expect(await post(server, multipart(file(11)), MULTIPART)).toStartWith("413 ");
    expect(await post(server, multipart(file(1), file(1), file(1)), MULTIPART)).toStartWith("413 ");
    expect(await post(server, multipart(['name="a"', ""], ['name="a"', ""]), MULTIPART)).toStartWith("413 ");
    await until("the files' end", () => filesOf(server).length === 0);
  });

  test("is larger than the server takes", async () => {
    await using server = await startForms({ server: { max_body_size: "1KiB" } });
    expect(await post(server, oneFile("x".repeat(2_000))).catch(() => "cut")).toStartWith("413 ");
    expect(filesOf(server)).toEqual([]);
  });
});
