// Types alone: an app imports nothing of Vilya to run.
export type { App, WebSocketHandler } from "./app.ts";
export type { ClientCertificate, Context, Message, UpgradeOptions } from "./context.ts";
export type { Upload } from "./form.ts";
export type { MetricLabels, Metrics } from "./metrics.ts";
export type { Socket } from "./socket.ts";
