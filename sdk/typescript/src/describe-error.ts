import { inspect } from "node:util";

/** What the engine keeps of it (W1.47). */
const TEXT_LENGTH_MAX = 16_384;

/** With the stack, as it goes to the engine's log. Whatever was thrown, this does not. */
export function describeError(error: unknown): string {
  const text =
    error instanceof Error
      ? (error.stack ?? String(error))
      : `The app threw ${typeof error === "string" ? error : inspect(error)}`;
  return text.slice(0, TEXT_LENGTH_MAX);
}
