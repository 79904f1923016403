import { expect, test } from "bun:test";

import { testFramework } from "../support/python-framework.ts";

const STARLETTE = {
  entry: "starlette_app:app",
  hasLifespan: true,
  hasBackgroundTasks: true,
  socketEnd: "socket closed",
};

testFramework("Starlette", STARLETTE, (server) => {
  test("goes through its middleware, and knows the methods of its routes", async () => {
    expect((await fetch(`${server().url}/stream`)).headers.get("x-marked")).toBe("yes");
    const refused = await fetch(`${server().url}/upload`);
    expect([refused.status, refused.headers.get("allow")]).toEqual([405, "POST"]);
  });
});
