import { appendFileSync } from "node:fs";
import { H3, getQuery, getRouterParam, setCookie } from "h3";
import { setTimeout as sleep } from "node:timers/promises";

/** The application of test/integration/frameworks.test.ts as h3 has it. */
const app = new H3();

app.get("/users/:id", (event) => ({
  id: getRouterParam(event, "id"),
  page: getQuery(event).page,
  from: event.req.ip,
}));
app.post("/echo", async (event) => {
  event.res.status = 201;
  return event.req.json();
});
app.post("/form", async (event) => (await event.req.formData()).get("name"));
app.get("/cookies", (event) => {
  setCookie(event, "a", "1", { path: "/" });
  setCookie(event, "b", "2", { path: "/" });
  return "set";
});
app.get("/stream", () => {
  const words = ["one", "two", "three"];
  return new ReadableStream({
    async pull(controller) {
      await sleep(5);
      controller.enqueue(new TextEncoder().encode(`${words.shift()} `));
      if (words.length === 0) controller.close();
    },
  });
});
app.get("/later", (event) => {
  event.waitUntil(sleep(50).then(() => appendFileSync("later.txt", "done")));
  return "now";
});
app.get("/throw", () => {
  throw new Error("the secret reason");
});

// oxlint-disable-next-line import/no-default-export -- what an app is
export default app;
