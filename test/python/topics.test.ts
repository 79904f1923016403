import { expect, test } from "bun:test";

import { findTestPython } from "../support/python.ts";
import { PYTHON_APPS } from "../support/python-app.ts";
import { RawClient } from "../support/raw-client.ts";
import { startVilya } from "../support/vilya.ts";
import { WebSocketClient } from "../support/websocket-client.ts";

const APP = {
  runtime: "python",
  binary: findTestPython(),
  cwd: PYTHON_APPS,
  env: { PYTHONDONTWRITEBYTECODE: "1" },
  workers: { count: 2 },
};

test("any request, thread and background task of any Python app reaches topics, and the sockets of its app by their ids", async () => {
  await using server = await startVilya({
    config: {
      apps: { asgi: { ...APP, entry: "topics:app" }, wsgi: { ...APP, entry: "topics:wsgi_app" } },
      routes: [
        { path: "/wsgi/*", app: "wsgi" },
        { path: "/*", app: "asgi" },
      ],
    },
  });
  const say = async (target: string): Promise<void> => {
    expect(await (await fetch(server.url + target)).text()).toBe("said");
  };
  using ada = await WebSocketClient.open(await RawClient.connect(server.port));
  using bob = await WebSocketClient.open(await RawClient.connect(server.port));
  const nameOf = async (client: WebSocketClient): Promise<string> =>
    (await client.until(1))[0]?.slice("text ".length) ?? "";
  const [adasName, bobsName] = [await nameOf(ada), await nameOf(bob)];
  expect(adasName).not.toBe(bobsName);

  await say("/asgi/request?one");
  await bob.until(2);
  await say("/asgi/thread?two");
  await bob.until(3);
  await say("/asgi/background?three");
  await bob.until(4);
  await say("/wsgi/request?four");
  await bob.until(5);
  await say(`/asgi/except?${adasName}=five`);
  const said = ["binary one", "text two", "text three", "text four"];
  expect((await bob.until(6)).slice(1)).toEqual([...said, "text five"]);

  await say(`/asgi/send?${adasName}=six`);
  expect((await ada.until(6)).slice(1)).toEqual([...said, "text six"]);

  ada.sendText("quiet");
  await ada.until(7);
  await say("/asgi/request?seven");
  await bob.until(7);
  await say(`/asgi/send?${adasName}=eight`);
  expect((await ada.until(8)).slice(6)).toEqual(["text quiet", "text eight"]);

  await say(`/asgi/close?${bobsName}=enough`);
  expect((await bob.until(8)).at(-1)).toBe("close 4000 enough");
});
