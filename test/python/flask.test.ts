import { expect, test } from "bun:test";

import { testFramework } from "../support/python-framework.ts";

testFramework("Flask", { entry: "flask_app:app", hasBackgroundTasks: true }, (server) => {
  test("keeps sessions in cookies", async () => {
    const first = await fetch(`${server().url}/count`);
    const cookie = first.headers.getSetCookie()[0]?.split(";")[0] ?? "";
    expect(await first.json()).toEqual({ count: 1 });
    expect(await (await fetch(`${server().url}/count`, { headers: { cookie } })).json()).toEqual({ count: 2 });
  });
});
