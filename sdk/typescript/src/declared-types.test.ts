import { expect, test } from "bun:test";
import type * as Declared from "vilya";
import type { App, WebSocketHandler } from "./app.ts";
import type { ClientCertificate, Context, Message, UpgradeOptions } from "./context.ts";
import type { Upload } from "./form.ts";
import type { MetricLabels, Metrics } from "./metrics.ts";
import type { Socket } from "./socket.ts";

/** What is declared can be done, and what can be done is declared; a line that is not `true` does not compile. */
type IsSame<Own, Public> = [Own] extends [Public]
  ? [Exclude<keyof Own, keyof Public>] extends [never]
    ? true
    : false
  : false;

/** Called by the engine alone. */
type Internal = "end";

const SAME: {
  readonly context: IsSame<Context, Declared.Context>;
  readonly socket: IsSame<Omit<Socket, Internal>, Declared.Socket>;
  readonly metrics: IsSame<Metrics, Declared.Metrics>;
  readonly upload: IsSame<Upload, Declared.Upload>;
  readonly certificate: IsSame<ClientCertificate, Declared.ClientCertificate>;
  readonly message: IsSame<Message, Declared.Message>;
  readonly labels: IsSame<MetricLabels, Declared.MetricLabels>;
  // What an app gives, the other way round.
  readonly app: IsSame<Declared.App, App>;
  readonly handler: IsSame<Declared.WebSocketHandler, WebSocketHandler>;
  readonly upgrade: IsSame<Declared.UpgradeOptions, UpgradeOptions>;
} = {
  context: true,
  socket: true,
  metrics: true,
  upload: true,
  certificate: true,
  message: true,
  labels: true,
  app: true,
  handler: true,
  upgrade: true,
};

test("vilya.d.ts › declares what the library has", () => {
  expect(Object.values(SAME)).not.toContain(false);
});
