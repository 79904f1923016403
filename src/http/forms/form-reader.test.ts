import { afterEach, describe, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UPLOAD_LIMITS } from "../../../test/support/test-pool.ts";
import { until } from "../../../test/support/until.ts";
import type { FormLimits } from "../../protocols/form/form-limits.ts";
import { BodyMemory } from "../body/body-memory.ts";
import { RequestStream } from "../body/request-stream.ts";
import type { Form } from "./form.ts";
import { FormReader } from "./form-reader.ts";

const MEMORY_BYTES = 100_000;
const MULTIPART = { kind: "multipart", boundary: "b" } as const;

const directories: string[] = [];
afterEach(() => {
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true });
});

/** A body on its way to a reader, and what comes of it. */
function scene({
  limits = {},
  type = MULTIPART,
  directory,
}: {
  readonly limits?: Partial<FormLimits>;
  readonly type?: { readonly kind: "urlencoded" } | typeof MULTIPART;
  readonly directory?: string | null;
} = {}) {
  const own = mkdtempSync(join(tmpdir(), "vilya-form-"));
  directories.push(own);
  const memory = new BodyMemory(MEMORY_BYTES);
  const said: string[] = [];
  const source = {
    onReadingBegun: () => {},
    onRoom: () => {},
    onSpoolFailed: (error: Error) => void said.push(error.message),
  };
  const spool = {
    memoryBytesMax: 0,
    memory,
    directory: own,
    namedDirectory: directory === undefined ? own : directory,
  };
  const body = new RequestStream(source, spool);
  const forms: Form[] = [];
  const reader = new FormReader({
    body,
    type,
    limits: { ...UPLOAD_LIMITS, ...limits },
    onForm: (form) => void forms.push(form),
    onRefused: (error) => void said.push(String(error.status)),
  });
  reader.start();
  return {
    reader,
    memory,
    said,
    forms,
    files: () => readdirSync(own),
    send: (text: string) => body.append(Buffer.from(text), 0, Buffer.byteLength(text)),
    end: () => body.end(null),
    abort: () => body.abort(),
  };
}

function part(disposition: string, content: string): string {
  return `--b\r\nContent-Disposition: form-data; ${disposition}\r\n\r\n${content}\r\n`;
}

describe("FormReader", () => {
  test("hands over fields and files in their order, and keeps both until the form goes", async () => {
    const { send, end, forms, files, memory } = scene();
    send(part('name="f"; filename="1"', "one".repeat(50_000)) + part('name="a"', "x"));
    send(`${part('name="f"; filename="2"', "two")}${part('name="a"', "y")}--b--`);
    expect(forms).toEqual([]);
    end();
    await until("the form", () => forms.length === 1);
    const [form] = forms;
    expect(form?.fields.map(({ name, value }) => `${name.toString()}=${value.toString()}`)).toEqual(["a=x", "a=y"]);
    expect(form?.files.map(({ filename, byteLength }) => `${filename.toString()} ${byteLength}`)).toEqual([
      "1 150000",
      "2 3",
    ]);
    expect(readFileSync(form!.files[1]!.path, "utf8")).toBe("two");
    expect(memory.bytes).toBeGreaterThan(0);
    form?.[Symbol.dispose]();
    form?.[Symbol.dispose]();
    expect(memory.bytes).toBe(0);
    await until("the files' end", () => files().length === 0);
  });

  test("hands over a urlencoded form", () => {
    const { send, end, forms } = scene({ type: { kind: "urlencoded" } });
    send("a=1&b");
    send("=2");
    end();
    expect(forms[0]?.fields.map(({ name, value }) => `${name.toString()}=${value.toString()}`)).toEqual(["a=1", "b=2"]);
  });

  test.each([
    ["breaks a rule", {}, "x", "413"],
    ["has too many fields", { fieldCountMax: 1 }, part('name="a"', "") + part('name="a"', ""), "413"],
    ["has too many files", { fileCountMax: 1 }, part('name="a"; filename=""', "").repeat(2), "413"],
    ["has a field that is too large", { fieldBytesMax: 3 }, part('name="a"', "1234"), "413"],
    ["has a file that is too large", { fileBytesMax: 3 }, part('name="a"; filename="f"', "1234"), "413"],
    ["has fields that are too large together", { fieldsBytesMax: 9 }, part('name="a"', "1234").repeat(2), "413"],
  ] as const)("reads no further where a form %s, and keeps nothing", async (what, limits, text, status) => {
    const { send, end, said, forms, files, memory } = scene({ limits });
    send(part('name="f"; filename="f"', "1"));
    send(`${text}--b--`);
    end();
    expect([said, forms]).toEqual([[what === "breaks a rule" ? "400" : status], []]);
    expect(memory.bytes).toBe(0);
    await until("the files' end", () => files().length === 0);
  });

  test.each(["abort", "cancel"] as const)("keeps nothing of a form that never is whole: %s", async (how) => {
    const { send, abort, reader, forms, files, memory } = scene();
    send(
      part('name="f"; filename="f"', "1") + part('name="a"', "1") + part('name="f"; filename="f"', "2").slice(0, -2),
    );
    if (how === "abort") abort();
    else reader.cancel();
    expect([forms, memory.bytes]).toEqual([[], 0]);
    await until("the files' end", () => files().length === 0);
  });

  test("says that there is no disk, or no memory", () => {
    const noDisk = scene({ directory: "/proc/nowhere" });
    noDisk.send(part('name="f"; filename="f"', "1"));
    expect(noDisk.said[0]).toContain("ENOENT");
    const noDirectory = scene({ directory: null });
    noDirectory.send(part('name="f"; filename="f"', "1"));
    expect(noDirectory.said).toEqual(["Cannot store a file: there is no directory for it, one is needed"]);
    const noMemory = scene();
    noMemory.send(`${part('name="a"', "x".repeat(MEMORY_BYTES))}--b--`);
    noMemory.end();
    expect([noMemory.said, noMemory.forms]).toEqual([
      ["Cannot keep the fields of a form: server.body_memory_total is used up, less is needed"],
      [],
    ]);
    expect(noMemory.memory.bytes).toBe(0);
  });
});
