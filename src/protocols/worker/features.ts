/**
 * What the engine can do with a worker beyond level 2 itself (docs/reference/wire.md): a feature holds on a connection when the worker's
 * hello and the engine's welcome both name it.
 */
export const ENGINE_FEATURES = [
  "stream",
  "ping",
  "stack_signal",
  "request_stream",
  "body_file",
  "websocket",
  "actions",
  "websocket_session",
  "uploads",
  "connection",
  "short_request",
  "routes",
  "trailers",
] as const;

/** The name of one of them. */
export type WorkerFeature = (typeof ENGINE_FEATURES)[number];

/** Those of the features a worker names that hold from its hello on, in the engine's order. */
export function agreeOnFeatures(named: readonly string[]): readonly WorkerFeature[] {
  return ENGINE_FEATURES.filter((feature) => named.includes(feature));
}
