import { describe, expect, test } from "bun:test";

import { phpApp } from "../support/php-app.ts";
import { until } from "../support/until.ts";
import { startVilya, type VilyaServer } from "../support/vilya.ts";

async function adminOf(server: VilyaServer): Promise<string> {
  const { port } = await server.logged("admin listening");
  return `http://127.0.0.1:${String(port)}`;
}

/** What has come of a stream so far. */
class Reading implements AsyncDisposable {
  text = "";
  readonly #abort = new AbortController();
  readonly #done: Promise<void>;

  constructor(url: string) {
    this.#done = this.#read(url).catch(() => {});
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#abort.abort();
    await this.#done;
  }

  async #read(url: string): Promise<void> {
    const { body } = await fetch(url, { signal: this.#abort.signal });
    const decoder = new TextDecoder();
    for await (const bytes of body!) this.text += decoder.decode(bytes, { stream: true });
  }
}

describe("The streams of the control API", () => {
  test("show the instance once a second, with its log, and let go of who leaves", async () => {
    await using server = await startVilya({ config: phpApp() });
    const admin = await adminOf(server);
    const descriptors = server.descriptorCount();
    {
      await using reading = new Reading(`${admin}/v1/events`);
      await until("two samples", () => reading.text.split("event: sample\n").length > 2);
      expect(reading.text).toStartWith("event: history\ndata: [");
      expect(reading.text).toContain('"event":"front started"');
      const [sample = ""] = reading.text.split("event: sample\ndata: ").slice(-1);
      const { report } = JSON.parse(sample.split("\n")[0] ?? "") as { report: { front: { pools: unknown[] } } };
      expect(report.front.pools).toHaveLength(1);
      await fetch(`${server.url}/print?out=from-a-worker%0A`);
      await until("what a worker printed", () => reading.text.includes("from-a-worker"));
    }
    await until("the end of the stream", () => server.descriptorCount() <= descriptors);
  });

  test("give the end of the log, of all processes, as JSON lines", async () => {
    await using server = await startVilya({ config: phpApp({ logging: { format: "text" } }), waitFor: "serving" });
    const admin = await until("the admin listener", () => /admin listening .*port=(\d+)/.exec(server.describe())?.[1]);
    const url = `http://127.0.0.1:${admin}/v1/logs`;
    await fetch(`${server.url}/print?out=from-a-worker%0A`);
    const lines = await until("what a worker printed", async () => {
      const text = await (await fetch(`${url}?lines=500`)).text();
      return text.includes("from-a-worker") ? text.trimEnd().split("\n") : null;
    });
    const roles = new Set(lines.map((line) => (JSON.parse(line) as { role: string }).role));
    expect([...roles].toSorted()).toEqual(["front", "master"]);
    expect((await (await fetch(`${url}?lines=1`)).text()).trimEnd().split("\n")).toHaveLength(1);
    expect((await fetch(`${url}?lines=many`)).status).toBe(400);
  });

  test("take a limited number of watchers", async () => {
    await using server = await startVilya();
    const admin = await adminOf(server);
    await using readings = new AsyncDisposableStack();
    for (let count = 0; count < 32; count++) readings.use(new Reading(`${admin}/v1/events`));
    await until("the last place", async () => {
      const abort = new AbortController();
      const { status } = await fetch(`${admin}/v1/events`, { signal: abort.signal });
      abort.abort();
      return status === 503;
    });
  });
});
