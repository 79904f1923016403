import { describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { formBody } from "./form-body.ts";

const latin1 = (text: string): string => Buffer.from(text).toString("latin1");

async function parse(wire: Parameters<typeof formBody>[0], contentType: string): Promise<FormData> {
  const response = new Response(formBody(wire, contentType), { headers: { "content-type": contentType } });
  return (await response.formData()) as FormData;
}

describe("formBody", () => {
  test.each(["multipart/form-data; boundary=AaB03x", 'multipart/form-data; charset=utf-8; boundary="a b"'])(
    "writes %s that is read as the same form",
    async (contentType) => {
      const directory = mkdtempSync(join(tmpdir(), "vilya-sdk-form-"));
      try {
        const path = join(directory, "upload");
        writeFileSync(path, "content\r\n".repeat(20_000));
        const files = [
          { name: "file", filename: latin1("bild ü.txt"), type: "image/x-test", path, size: 180_000 },
          { name: "file", filename: "b", type: "", path, size: 180_000 },
        ];
        const wire = { form: { tags: ["one", "two\r\nlines"], [latin1("ü")]: [latin1("ö")] }, files };
        const form = await parse(wire, contentType);
        expect([form.getAll("tags"), form.get("ü")]).toEqual([["one", "two\r\nlines"], "ö"]);
        const [first, second] = form.getAll("file") as File[];
        expect([first!.name, first!.size]).toEqual(["bild ü.txt", 180_000]);
        expect(await second!.text()).toBe("content\r\n".repeat(20_000));
        const types = (await new Response(formBody(wire, contentType)).text()).match(/(?<=Content-Type: ).*/g);
        expect(types).toEqual(["image/x-test", "application/octet-stream"]);
      } finally {
        rmSync(directory, { recursive: true });
      }
    },
  );

  test("keeps names from ending their line or their quotes", async () => {
    const wire = { form: { 'a"\r\nX-Evil: 1\r\n\r\n': ["value"] } };
    const text = await new Response(formBody(wire, "multipart/form-data; boundary=b")).text();
    expect(text).toBe(
      '--b\r\nContent-Disposition: form-data; name="a%22%0D%0AX-Evil: 1%0D%0A%0D%0A"\r\n\r\nvalue\r\n--b--\r\n',
    );
  });

  test("writes other forms as a query", async () => {
    const form = await parse(
      { form: { a: ["1", "2 & 3=+"], [latin1("ü")]: [latin1("ö")] } },
      "application/x-www-form-urlencoded",
    );
    expect([form.getAll("a"), form.get("ü")]).toEqual([["1", "2 & 3=+"], "ö"]);
  });
});
