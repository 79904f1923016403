import { appendFileSync } from "node:fs";
import { Hono } from "hono";
import { setCookie } from "hono/cookie";
import { streamText } from "hono/streaming";
import { setTimeout as sleep } from "node:timers/promises";

/** The application of test/integration/frameworks.test.ts as Hono has it. */
const app = new Hono();

app.get("/users/:id", (c) => c.json({ id: c.req.param("id"), page: c.req.query("page"), from: c.env.remoteAddress }));
app.post("/echo", async (c) => c.json(await c.req.json(), 201));
app.post("/form", async (c) => c.text((await c.req.parseBody()).name));
app.get("/cookies", (c) => {
  setCookie(c, "a", "1", { path: "/" });
  setCookie(c, "b", "2", { path: "/" });
  return c.text("set");
});
app.get("/stream", (c) =>
  streamText(c, async (stream) => {
    for (const word of ["one", "two", "three"]) {
      await stream.write(`${word} `);
      await sleep(5);
    }
  }),
);
app.get("/later", (c) => {
  c.executionCtx.waitUntil(sleep(50).then(() => appendFileSync("later.txt", "done")));
  return c.text("now");
});
app.get("/throw", () => {
  throw new Error("the secret reason");
});

// oxlint-disable-next-line import/no-default-export -- what an app is
export default app;
