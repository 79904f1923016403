import type { WorkerSink } from "../../src/protocols/worker/response-decoder.ts";

/** Takes everything a worker may send and does nothing: to be spread, with what a test looks at in the place of one. */
export const SILENT_SINK: WorkerSink = {
  onResponse: () => {},
  onInterim: () => {},
  onHead: () => {},
  onChunk: () => {},
  onBodyEnd: () => {},
  onActions: () => {},
  onHello: () => {},
  onCredit: () => {},
  onPong: () => {},
  onOwnAction: () => {},
};
