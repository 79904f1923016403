import { describe, expect, test } from "bun:test";
import * as v from "valibot";

import { OPERATIONS } from "../../src/admin/api/operations.ts";
import { holdRequest, outcomeOf, phpApp } from "../support/php-app.ts";
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
    const held = await holdRequest(server, "&token=secret");
    const busy = await until("a busy worker", async () => {
      const text = await (await fetch(`${admin}/v1/workers?app=default`)).text();
      expect(text).not.toContain("secret");
      const [worker] = JSON.parse(text) as { request: string | null; requestAgeMs: number; generation: number }[];
      return worker?.request === null ? null : worker;
    });
    expect(busy).toMatchObject({ app: "default", request: "GET /append", generation: 1, state: "ready" });
    expect(busy?.requestAgeMs).toBeGreaterThanOrEqual(0);
    held.release();
    await held.outcome;
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
