import { describe, expect, test } from "bun:test";
import { connect, type Socket } from "node:net";
import * as v from "valibot";

import { OPERATIONS } from "../../src/admin/api/operations.ts";
import { outcomeOf, phpApp } from "../support/php-app.ts";
import { isRunning } from "../support/process-table.ts";
import { until } from "../support/until.ts";
import { startVilya, type VilyaServer } from "../support/vilya.ts";

async function adminOf(server: VilyaServer): Promise<string> {
  const { port } = await server.logged("admin listening");
  return `http://127.0.0.1:${String(port)}`;
}

interface OpenApi {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly responses: object }>>>>;
}

describe("The control API", () => {
  test("describes every operation there is, and answers as it says", async () => {
    await using server = await startVilya({ config: phpApp() });
    const admin = await adminOf(server);
    await outcomeOf(`${server.url}/pid`);
    const document = (await (await fetch(`${admin}/v1/openapi.json`)).json()) as OpenApi;
    expect(document.openapi).toBe("3.1.0");
    expect(JSON.stringify(document)).not.toContain("undefined");
    const bodies: Readonly<Record<string, string>> = {
      "/v1/log-level": '{"level":"info"}',
      "/v1/scale": '{"app":"default","workers":2}',
    };
    for (const { method, path, answers } of OPERATIONS) {
      const described = document.paths[path]?.[method.toLowerCase()];
      expect(Object.keys(described?.responses ?? {})).toEqual(expect.arrayContaining(Object.keys(answers)));
      if (path === "/v1/stop" || path === "/v1/upgrade") continue;
      const answer = await fetch(`${admin}${path}`, {
        method,
        ...(method === "POST" && { body: bodies[path] ?? "{}" }),
      });
      const schema = answers[answer.status]?.schema;
      expect([path, answers[answer.status] !== undefined]).toEqual([path, true]);
      if (schema !== undefined) v.parse(schema, await answer.json());
    }
  });

  test("tells what each worker is at, and keeps its query to itself", async () => {
    await using server = await startVilya({ config: phpApp({ workers: { count: 1 } }) });
    const admin = await adminOf(server);
    const slow = fetch(`${server.url}/sleep?ms=1000&token=secret`);
    const busy = await until("a busy worker", async () => {
      const text = await (await fetch(`${admin}/v1/workers?app=default`)).text();
      expect(text).not.toContain("secret");
      const [worker] = JSON.parse(text) as { request: string | null; requestAgeMs: number; generation: number }[];
      return worker?.request === null ? null : worker;
    });
    expect(busy).toMatchObject({ app: "default", request: "GET /sleep", generation: 1, state: "ready" });
    expect(busy?.requestAgeMs).toBeGreaterThanOrEqual(0);
    await slow;
    expect(await outcomeOf(`${admin}/v1/workers?app=shop`)).toStartWith("404 ");
    const [app] = (await (await fetch(`${admin}/v1/apps`)).json()) as unknown[];
    expect(app).toMatchObject({ app: "default", status: { state: "ready", workerCount: 1, waitingCount: 0 } });
  });

  test("names every fault of a body, and nothing that was in it", async () => {
    await using server = await startVilya();
    const admin = await adminOf(server);
    const post = async (path: string, body: string): Promise<unknown> =>
      (await fetch(`${admin}${path}`, { method: "POST", body })).json();
    expect(await post("/v1/stop", '{"now":"secret","later":1}')).toEqual({
      error: "`now`: boolean is allowed; `later` is not known",
    });
    expect(await post("/v1/log-level", '{"level":"loud"}')).toEqual({
      error: '`level`: ("debug" | "info" | "warn" | "error") is allowed',
    });
  });
});

describe("The admin listener under attack", () => {
  test.each([
    ["a page of another site", { Origin: "https://evil.example" }],
    ["a page of another port of this machine", { Origin: "http://127.0.0.1:3000" }],
    ["a page without an origin", { Origin: "null" }],
    ["a name that was made to point here", { Host: "rebound.example:9090" }],
    [
      "a name that was made to point here, by its own page",
      {
        Host: "rebound.example:9090",
        Origin: "http://rebound.example:9090",
      },
    ],
    ["an image of another site", { "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors" }],
  ])("refuses %s", async (_, headers) => {
    await using server = await startVilya();
    const admin = await adminOf(server);
    const answer = await fetch(`${admin}/v1/stop`, { method: "POST", headers, body: "{}" });
    expect(answer.status).toBe(403);
    expect(answer.headers.get("access-control-allow-origin")).toBeNull();
    expect(isRunning(server.pid)).toBe(true);
  });

  test("takes what its own page asks for", async () => {
    await using server = await startVilya();
    const admin = await adminOf(server);
    for (const origin of [admin, admin.replace("127.0.0.1", "localhost")]) {
      const headers = { Origin: origin, Host: new URL(origin).host, "Sec-Fetch-Site": "same-origin" };
      const answer = await fetch(`${admin}/v1/log-level`, { method: "POST", headers, body: '{"level":"info"}' });
      expect(answer.status).toBe(200);
    }
  });

  test("answers a probe beside 1,000 clients that say nothing, and lets go of them", async () => {
    await using server = await startVilya();
    const admin = new URL(await adminOf(server));
    const idle = await Promise.all(
      Array.from({ length: 1_000 }, async () => {
        const socket = connect({ host: "127.0.0.1", port: Number(admin.port) });
        socket.on("error", () => {});
        await new Promise((resolve) => socket.once("connect", resolve));
        return socket;
      }),
    );
    try {
      expect(await outcomeOf(`${admin.origin}/health`)).toStartWith("200 ");
      expect(await outcomeOf(`${server.url}/`)).toStartWith("200 ");
    } finally {
      for (const socket of idle as readonly Socket[]) socket.destroy();
    }
    const before = server.descriptorCount();
    expect(before).toBeGreaterThan(0);
    await until("their descriptors", () => server.descriptorCount() < 100);
  });

  test("refuses a body that is announced as huge before it is sent", async () => {
    await using server = await startVilya();
    const { port } = new URL(await adminOf(server));
    const socket = connect({ host: "127.0.0.1", port: Number(port) });
    let answer = "";
    socket.on("data", (bytes) => (answer += bytes.toString("latin1")));
    socket.on("error", () => {});
    socket.write("POST /v1/stop HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 10000000000\r\n\r\n");
    await until("the refusal", () => answer.startsWith("HTTP/1.1 413 "));
    socket.destroy();
    expect(isRunning(server.pid)).toBe(true);
  });
});
