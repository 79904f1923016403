import { Elysia } from "elysia";
import { setTimeout as sleep } from "node:timers/promises";

/** The application of test/integration/frameworks.test.ts as Elysia has it; it knows nothing of `waitUntil` and addresses. */
const app = new Elysia()
  .get("/users/:id", ({ params, query }) => ({ id: params.id, page: query.page }))
  .post("/echo", ({ body, set }) => {
    set.status = 201;
    return body;
  })
  .post("/form", ({ body }) => body.name)
  .get("/cookies", ({ cookie }) => {
    cookie.a.set({ value: "1", path: "/" });
    cookie.b.set({ value: "2", path: "/" });
    return "set";
  })
  .get("/stream", async function* stream() {
    for (const word of ["one", "two", "three"]) {
      await sleep(5);
      yield `${word} `;
    }
  })
  .get("/throw", ({ status }) => status(500, "Internal Server Error"));

// oxlint-disable-next-line import/no-default-export -- what an app is
export default app;
