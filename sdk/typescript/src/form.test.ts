import { describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hasForm, readForm, uploadsOf } from "./form.ts";

const latin1 = (text: string): string => Buffer.from(text).toString("latin1");

describe("a form that the engine has read", () => {
  test("is what formData() gives, with files that are read from the disk", async () => {
    const directory = mkdtempSync(join(tmpdir(), "vilya-sdk-form-"));
    try {
      const path = join(directory, "upload");
      writeFileSync(path, "content");
      const file = { name: "file", filename: latin1("bild ü.txt"), type: "image/x-test", path, size: 7 };
      const wire = { form: { tags: ["one", "two"], [latin1("ü")]: [latin1("ö")] }, files: [file] };
      expect(uploadsOf(wire)).toEqual([{ ...file, filename: "bild ü.txt" }]);
      expect(hasForm(wire)).toBe(true);
      const form = await readForm(wire);
      expect([form.getAll("tags"), form.get("ü")]).toEqual([["one", "two"], "ö"]);
      const got = form.get("file") as File;
      expect([got.name, got.type, got.size, await got.text()]).toEqual(["bild ü.txt", "image/x-test", 7, "content"]);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  test("is not there for other requests", () => {
    expect([hasForm({}), uploadsOf({})]).toEqual([false, []]);
  });
});
