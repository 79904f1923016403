import type { FieldBlock } from "../../protocols/http/field-block.ts";
import { forbiddenTrailers } from "../../protocols/http/trailer-rules.ts";
import type { WorkerResponse } from "../../protocols/worker/worker-response.ts";
import type { Logger } from "../../telemetry/logger.ts";

/** The trailers of an answer that has ended, `null` for none. Of those that may not be sent the log has the names, or why none may. */
export function workerTrailers(
  { trailers, trailersError }: Pick<WorkerResponse, "trailers" | "trailersError">,
  { name: app, log }: { readonly name: string; readonly log: Logger },
): FieldBlock | null {
  if (trailersError !== null) log.warn("trailers left out", { app, error: trailersError });
  if (trailers.count === 0) return null;
  const names = forbiddenTrailers(trailers);
  if (names.length > 0) log.warn("trailers left out", { app, names: names.join(", "), error: NOT_BEHIND_CONTENT });
  return trailers;
}

const NOT_BEHIND_CONTENT =
  "Cannot send a trailer: its name belongs into the head, one that does not frame, route or authenticate is allowed";
