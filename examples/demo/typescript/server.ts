/**
 * The TypeScript half of the demo; php/worker.php answers the same paths below /php.
 *
 *     curl localhost:8888/ts/hello/Ada              a greeting, and which process sent it
 *     curl localhost:8888/ts/slow?ms=300            an answer that takes its time
 *     curl -F file=@FILE localhost:8888/ts/upload   how long a file is, and its SHA-256
 *     curl -N localhost:8888/ts/events              what the engine does, every second
 *     ws://localhost:8888/ts/chat?name=Ada          the chat room, shared with the PHP app
 */
import { createHash } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import type { App } from "vilya";
import { chat, nameFrom } from "./chat.ts";
import { engineEvents } from "./engine-events.ts";

/** A request may wait for this long at most. */
const SLOW_MS_MAX = 5_000;

const startedAtMs = performance.now();
let servedCount = 0;

const app: App<string> = {
  websocket: chat,

  async fetch(request, context) {
    servedCount++;
    const worker = {
      runtime: `Bun ${Bun.version}`,
      process: process.pid,
      served: servedCount,
      warm_seconds: Math.round((performance.now() - startedAtMs) / 100) / 10,
    };
    const { pathname, searchParams } = new URL(request.url);
    const [, , action, name = ""] = pathname.split("/");

    switch (action) {
      case "hello":
        return json({ message: `Hello, ${decodeURIComponent(name)}!`, worker });
      case "slow": {
        const ms = Math.min(Math.max(Number.parseInt(searchParams.get("ms") ?? "300", 10) || 0, 0), SLOW_MS_MAX);
        await pause(ms, undefined, { signal: request.signal });
        return json({ message: `That took ${ms} ms.`, worker });
      }
      case "upload": {
        const form = await request.formData().catch(() => new FormData());
        const file = form.get("file");
        if (!(file instanceof File)) return json({ error: "There is no file in this form: curl -F file=@FILE" }, 400);
        const hash = createHash("sha256");
        const body: AsyncIterable<Uint8Array> = file.stream();
        for await (const bytes of body) hash.update(bytes);
        return json({ bytes: file.size, sha256: hash.digest("hex"), worker });
      }
      case "events":
        return engineEvents(request.signal);
      case "chat": {
        const guest = nameFrom(searchParams);
        if (guest === "") return new Response("Say who you are: ?name=Ada\n", { status: 400 });
        if (context.upgrade(request, { data: guest })) return undefined;
        return new Response("This is for WebSockets.\n", { status: 426, headers: { upgrade: "websocket" } });
      }
      default:
        return json({ error: "There is nothing here." }, 404);
    }
  },
};

export default app;

function json(value: Readonly<Record<string, unknown>>, status = 200): Response {
  return new Response(`${JSON.stringify(value)}\n`, {
    status,
    headers: { "content-type": "application/json", "cache-control": "no-store" },
  });
}
