import type { Logger } from "../telemetry/logger.ts";
import type { StopUrgency } from "./front-supervisor.ts";

/** What the first, the second and the third request to stop mean; later ones mean what the third does. */
const URGENCIES: readonly StopUrgency[] = ["graceful", "now", "kill"];

const STOP_SIGNALS = ["SIGTERM", "SIGINT"] as const;

/** Signals whose default is to end the process, which would cut every request without a word. */
const UNUSED_SIGNALS = ["SIGHUP", "SIGUSR1", "SIGUSR2"] as const;

/** Listens to the signals that people and service managers send to the master: each SIGTERM or SIGINT asks more urgently than the one before. */
export function listenToSignals({ onStop, log }: { onStop: (urgency: StopUrgency) => void; log: Logger }): Disposable {
  let requestCount = 0;
  const stop = (signal: NodeJS.Signals): void => {
    const urgency = URGENCIES[Math.min(requestCount++, URGENCIES.length - 1)]!;
    log.info("stopping", { signal, urgency });
    onStop(urgency);
  };
  const ignore = (signal: NodeJS.Signals): void => {
    log.warn("signal ignored", { signal, reason: "it has no meaning; a stop and a start apply a new configuration" });
  };
  for (const signal of STOP_SIGNALS) process.on(signal, stop);
  for (const signal of UNUSED_SIGNALS) process.on(signal, ignore);
  return {
    [Symbol.dispose](): void {
      for (const signal of STOP_SIGNALS) process.off(signal, stop);
      for (const signal of UNUSED_SIGNALS) process.off(signal, ignore);
    },
  };
}
