import { reasonPhrase } from "./status.ts";

/**
 * The plain text of an error response of the engine's own: the status and its phrase, and nothing that a worker, a path or a peer has said.
 *
 * @param errorId names the log line that says what happened: letters, digits and dashes.
 */
export function refusalText(status: number, errorId: string | undefined): string {
  const text = `${status} ${reasonPhrase(status)}\n`;
  return errorId === undefined ? text : `${text}Error id: ${errorId}\n`;
}
