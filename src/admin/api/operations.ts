import * as v from "valibot";

import { LOG_LEVELS } from "../../base/log-level.ts";
import type { PoolReport } from "../front-report.ts";
import { chooseMetricsFormat, CONTENT_TYPES } from "../metrics-text.ts";
import { readinessOf } from "../readiness.ts";
import { renderMetrics } from "../render-metrics.ts";
import type { AdminInstance } from "../admin-instance.ts";
import { type ApiAnswer, type ApiOperation, operation, REFUSAL } from "./api-operation.ts";
import { noSuchApp } from "./no-such-app.ts";
import { POOL_SIZE, RELOAD, UPGRADE, WORKER_COUNT } from "./reload-schemas.ts";
import { APP, INSTANCE, WORKER_OF_APP } from "./report-schemas.ts";

/** Every operation there is: what is asked for, what is answered, and how that comes about. */
export const OPERATIONS: readonly ApiOperation[] = [
  {
    method: "GET",
    path: "/health",
    summary: "Tell whether the master lives",
    input: null,
    answers: { 200: { description: "It does.", schema: v.strictObject({ status: v.literal("ok") }) } },
    perform: () => ({ status: 200, body: { status: "ok" } }),
  },
  {
    method: "GET",
    path: "/ready",
    summary: "Tell whether every app is served",
    input: null,
    answers: {
      200: { description: "All of them are.", schema: readiness("ready") },
      503: {
        description: "Not all of them, or a stop has begun, or it is drained, or no front answers.",
        schema: readiness("not ready"),
      },
    },
    perform: ready,
  },
  {
    method: "GET",
    path: "/metrics",
    summary: "Give the metrics",
    description: "Prometheus' text; OpenMetrics 1.0 to those that ask for it by `Accept`.",
    input: null,
    answers: { 200: { description: "Every sample.", contentType: "text/plain" } },
    perform: async (instance, _, { accept }) => {
      const format = chooseMetricsFormat(accept);
      const body = renderMetrics(await instance.report(), format);
      return { status: 200, body, fields: { "Content-Type": CONTENT_TYPES[format] } };
    },
  },
  {
    method: "GET",
    path: "/v1/status",
    summary: "Tell all there is to tell of the instance",
    input: null,
    answers: { 200: { description: "The instance, its front, its apps and their workers.", schema: INSTANCE } },
    perform: async (instance) => ({ status: 200, body: await instance.report() }),
  },
  {
    method: "GET",
    path: "/v1/apps",
    summary: "List the apps that have workers",
    input: null,
    answers: { 200: { description: "Each with its workers and queue in numbers.", schema: v.array(APP) } },
    perform: async (instance) => ({
      status: 200,
      body: (await poolsOf(instance)).map(({ app, status }) => ({ app, status })),
    }),
  },
  {
    method: "GET",
    path: "/v1/workers",
    summary: "List the workers",
    description: "Of every app; of one with the query `app=NAME`.",
    input: null,
    answers: {
      200: { description: "Oldest first, app by app.", schema: v.array(WORKER_OF_APP) },
      404: { description: "There is no such app.", schema: REFUSAL },
    },
    perform: (instance, _, { query }) => workers(instance, query.get("app")),
  },
  operation({
    method: "POST",
    path: "/v1/recycle",
    summary: "Replace the workers of an app, or of all",
    description: "Each one's replacement is ready before it leaves. The answer does not wait for them.",
    input: v.strictObject({ app: v.optional(v.nullable(v.string()), null) }),
    answers: {
      202: { description: "They are being replaced.", schema: v.strictObject({ app: v.nullable(v.string()) }) },
      404: { description: "There is no such app.", schema: REFUSAL },
    },
    perform: async (instance, { app }) =>
      (await instance.recycle(app)) ? { status: 202, body: { app } } : noSuchApp(instance, app),
  }),
  operation({
    method: "POST",
    path: "/v1/reload",
    summary: "Reload the code of an app, or the configuration and all code",
    description:
      "New workers, or a new front, are made ready before anything of the old ones ends; the answer comes when they serve, or when it is clear that they do not.",
    input: v.strictObject({ app: v.optional(v.nullable(v.string()), null) }),
    answers: {
      200: { description: "It is applied.", schema: RELOAD },
      404: { description: "There is no such app.", schema: REFUSAL },
      409: { description: "It is refused, and why.", schema: RELOAD },
    },
    perform: async (instance, { app }) => {
      const report = await instance.reload(app);
      if (report === null) return noSuchApp(instance, app);
      return { status: report.kind === "refused" ? 409 : 200, body: report };
    },
  }),
  operation({
    method: "POST",
    path: "/v1/drain",
    summary: "Have load balancers send requests elsewhere, or here again",
    description:
      "`/ready` and the health path of the listeners answer 503; whoever comes is served as before. Until the next start or upgrade.",
    input: v.strictObject({
      drained: v.pipe(v.optional(v.boolean(), true), v.description("`false` ends it.")),
    }),
    answers: { 200: { description: "It is said so.", schema: v.strictObject({ drained: v.boolean() }) } },
    perform: (instance, { drained }) => {
      instance.drain(drained);
      return { status: 200, body: { drained } };
    },
  }),
  {
    method: "POST",
    path: "/v1/upgrade",
    summary: "Have the version of Vilya that is on the disk now take over",
    description:
      "A new master takes the listening sockets; when it serves, this one finishes what it has and exits. The answer comes when it serves, or when it is clear that it does not.",
    input: null,
    answers: {
      200: { description: "It serves.", schema: UPGRADE },
      409: { description: "It is refused, and why.", schema: UPGRADE },
    },
    perform: async (instance) => {
      const report = await instance.upgrade();
      return { status: report.kind === "refused" ? 409 : 200, body: report };
    },
  },
  operation({
    method: "POST",
    path: "/v1/scale",
    summary: "Give an app another number of workers",
    description:
      "Until the next start, or a reload of the configuration. A pool that scales moves its bounds where the number is beyond them.",
    input: v.strictObject({ app: v.string(), workers: WORKER_COUNT }),
    answers: {
      200: { description: "It is being made so.", schema: POOL_SIZE },
      404: { description: "There is no such app.", schema: REFUSAL },
    },
    perform: async (instance, { app, workers: count }) => {
      const size = await instance.scale(app, count);
      return size === null ? noSuchApp(instance, app) : { status: 200, body: { app, ...size } };
    },
  }),
  operation({
    method: "POST",
    path: "/v1/log-level",
    summary: "Set how much is logged",
    description: "Until the next start. A front that is replaced begins with `logging.level`.",
    input: v.strictObject({ level: v.picklist(LOG_LEVELS) }),
    answers: { 200: { description: "It holds.", schema: v.strictObject({ level: v.picklist(LOG_LEVELS) }) } },
    perform: (instance, { level }) => {
      instance.setLogLevel(level);
      return { status: 200, body: { level } };
    },
  }),
  operation({
    method: "POST",
    path: "/v1/stop",
    summary: "Stop the instance",
    input: v.strictObject({
      now: v.pipe(v.optional(v.boolean(), false), v.description("Cuts off what is in flight.")),
    }),
    answers: { 202: { description: "It is stopping.", schema: v.strictObject({ now: v.boolean() }) } },
    perform: (instance, { now }) => {
      instance.stop(now);
      return { status: 202, body: { now } };
    },
  }),
];

async function poolsOf(instance: AdminInstance): Promise<readonly PoolReport[]> {
  return (await instance.report()).front?.pools ?? [];
}

async function workers(instance: AdminInstance, app: string | null): Promise<ApiAnswer> {
  const asked = (await poolsOf(instance)).filter((pool) => app === null || pool.app === app);
  if (app !== null && asked.length === 0) return noSuchApp(instance, app);
  return { status: 200, body: asked.flatMap((pool) => pool.workers.map((each) => ({ app: pool.app, ...each }))) };
}

async function ready(instance: AdminInstance): Promise<ApiAnswer> {
  const { isReady, apps } = readinessOf(await instance.report());
  return { status: isReady ? 200 : 503, body: { status: isReady ? "ready" : "not ready", apps } };
}

function readiness(status: "ready" | "not ready"): v.GenericSchema {
  return v.strictObject({ status: v.literal(status), apps: v.record(v.string(), v.boolean()) });
}
