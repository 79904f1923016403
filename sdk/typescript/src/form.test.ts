import { describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { showForm, uploadsOf } from "./form.ts";

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
      const request = new Request("http://a/", { method: "POST" });
      showForm(request, wire);
      const form = await request.formData();
      expect([form.getAll("tags"), form.get("ü")]).toEqual([["one", "two"], "ö"]);
      const got = form.get("file") as File;
      expect([got.name, got.type, got.size, await got.text()]).toEqual(["bild ü.txt", "image/x-test", 7, "content"]);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  test("is not there for other requests, whose own form stays the platform's", async () => {
    expect(uploadsOf({})).toEqual([]);
    const request = new Request("http://a/", { method: "POST", body: new URLSearchParams("a=1") });
    showForm(request, {});
    expect((await request.formData()).get("a")).toBe("1");
  });
});
