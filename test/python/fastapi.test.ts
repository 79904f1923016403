import { expect, test } from "bun:test";

import { testFramework } from "../support/python-framework.ts";

const FASTAPI = {
  entry: "fastapi_app:app",
  hasLifespan: true,
  hasBackgroundTasks: true,
  socketEnd: "socket 1000",
};

testFramework("FastAPI", FASTAPI, (server) => {
  test("checks what it takes by Pydantic", async () => {
    const order = (body: object): Promise<Response> =>
      fetch(`${server().url}/orders`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      });
    expect(await (await order({ name: "pen", count: "2" })).json()).toEqual({ name: "pen", count: 2 });
    expect((await order({ name: "pen", count: "many" })).status).toBe(422);
  });

  test("runs blocking functions in threads, and shows its documentation", async () => {
    expect(await (await fetch(`${server().url}/blocking`)).json()).toEqual({ done: true });
    expect(await (await fetch(`${server().url}/openapi.json`)).json()).toHaveProperty("paths");
    expect((await fetch(`${server().url}/docs`)).status).toBe(200);
  });
});
