import type { SupervisedFront } from "./supervised-front.ts";

/** How long a step is waited for, and what ends the waiting. */
export interface StepLimits {
  readonly timeoutMs: number;
  /** The engine is stopping. */
  readonly stopped: Promise<void>;
}

/** Waits for a successor to get somewhere: returns why it does not, or `null` when it does. */
export async function problemOf(
  front: Pick<SupervisedFront, "exited">,
  step: Promise<void>,
  { timeoutMs, stopped }: StepLimits,
): Promise<string | null> {
  const timeout = Promise.withResolvers<string>();
  const timer = setTimeout(() => timeout.resolve(`its workers were not ready after ${timeoutMs} ms`), timeoutMs);
  try {
    return await Promise.race([
      step.then(() => null),
      front.exited.then(({ failure }) => failure ?? "its process ended before it served"),
      stopped.then(() => "the engine is stopping"),
      timeout.promise,
    ]);
  } finally {
    clearTimeout(timer);
  }
}
