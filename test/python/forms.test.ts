import { describe, expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { join } from "node:path";

import { servePython } from "../support/python-app.ts";
import { until } from "../support/until.ts";

const CONTENT = new Uint8Array(400_000).fill(7);

function form(): FormData {
  const data = new FormData();
  data.append("title", "Straße");
  data.append("file", new File([CONTENT], "bild ü.bin", { type: "application/x-test" }));
  return data;
}

const config = { uploads: { enabled: true }, server: { port: 0, host: "127.0.0.1", body_dir: "bodies" } };
const files = { "bodies/.keep": "" };

describe("a form that the engine has read", () => {
  test("is there for any ASGI application, with its files by path, which go with the request", async () => {
    await using server = await servePython("asgi_app:app", { config, files });
    const response = await fetch(`${server.url}/form`, { method: "POST", body: form() });
    expect(await response.json()).toEqual([
      ["Straße"],
      [["bild ü.bin", "application/x-test", CONTENT.length, CONTENT.length, true]],
    ]);
    await until("the end of the file", () =>
      readdirSync(join(server.directory, "bodies"), { recursive: true, encoding: "utf8" }).every(
        (name) => !name.includes("vilya-body-"),
      ),
    );
    expect(await (await fetch(`${server.url}/form`, { method: "POST", body: "{}" })).text()).toBe("none");
  });

  test.each(["starlette_app:app", "django_app:application", "flask_app:app", "litestar_app:app", "quart_app:app"])(
    "is a body again for %s, which reads it itself",
    async (entry) => {
      await using server = await servePython(entry, { config, files });
      const response = await fetch(`${server.url}/upload`, { method: "POST", body: form() });
      expect(await response.json()).toEqual({ title: "Straße", filename: "bild ü.bin", bytes: CONTENT.length });
    },
  );
});
