import { describe, expect, test } from "bun:test";
import { join } from "node:path";

import { findTestPython } from "../support/python.ts";
import { startVilya, type VilyaServer } from "../support/vilya.ts";

const EXAMPLE = join(import.meta.dir, "../../examples/notes");

/** The example, with its data in the directory of the server. */
function serveNotes(): Promise<VilyaServer> {
  return startVilya({
    config: {
      runtime: "python",
      binary: findTestPython(),
      entry: "app:app",
      env: { PYTHONPATH: EXAMPLE, PYTHONDONTWRITEBYTECODE: "1", NOTES_DATA: "data" },
      workers: { count: 1 },
    },
  });
}

describe("an application of the Python framework", () => {
  test("answers, refuses and remembers", async () => {
    await using server = await serveNotes();
    const notes = `http://127.0.0.1:${server.port}/notes`;
    const added = await fetch(notes, { method: "POST", body: '{"text":"grün"}' });
    expect(await added.json()).toEqual({ id: 1, text: "grün" });
    expect(await (await fetch(notes)).json()).toEqual([{ id: 1, text: "grün" }]);
    expect((await fetch(notes, { method: "POST", body: "{" })).status).toBe(400);
    expect((await fetch(notes, { method: "POST", body: '{"text":""}' })).status).toBe(422);
    expect((await fetch(notes, { method: "PUT" })).headers.get("allow")).toBe("GET, HEAD, OPTIONS, POST");
    expect((await fetch(`${notes}/1`, { method: "DELETE" })).status).toBe(204);
    expect((await fetch(`${notes}/1`)).status).toBe(404);
  });

  test("takes uploads in a thread, and has the front send files with ranges", async () => {
    await using server = await serveNotes();
    const url = `http://127.0.0.1:${server.port}/notes/7/file`;
    const form = new FormData();
    form.set("file", new File([new Uint8Array(3_000_000).fill(7)], "../../evil"));
    expect(await (await fetch(url, { method: "POST", body: form })).json()).toEqual({ bytes: 3_000_000 });
    const whole = await fetch(url);
    expect(whole.headers.get("content-disposition")).toBe('attachment; filename="note-7"');
    expect((await whole.bytes()).byteLength).toBe(3_000_000);
    const part = await fetch(url, { headers: { range: "bytes=10-19" } });
    expect([part.status, part.headers.get("content-range"), (await part.bytes()).byteLength]).toEqual([
      206,
      "bytes 10-19/3000000",
      10,
    ]);
    expect((await fetch(`http://127.0.0.1:${server.port}/notes/8/file`)).status).toBe(404);
  });

  test("tells of changes while they happen", async () => {
    await using server = await serveNotes();
    const base = `http://127.0.0.1:${server.port}`;
    const response = await fetch(`${base}/changes`);
    let seen = "";
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    while (!seen.includes("\n\n")) seen += (await reader.read()).value;
    await fetch(`${base}/notes`, { method: "POST", body: '{"text":"a"}' });
    while (!seen.includes("data: ")) seen += (await reader.read()).value;
    expect(seen).toEndWith('event: added\ndata: {"id":1,"text":"a"}\n\n');
    await reader.cancel();
  });
});
