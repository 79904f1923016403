import { isatty } from "node:tty";
import type { Logger } from "../../telemetry/logger.ts";
import type { StopUrgency } from "./front-supervisor.ts";

/** What the first, the second and the third request to stop mean; later ones mean what the third does. */
const URGENCIES: readonly StopUrgency[] = ["graceful", "now", "kill"];

const STOP_SIGNALS = ["SIGTERM", "SIGINT"] as const;

/** What signals are turned into. */
export interface SignalOptions {
  readonly onStop: (urgency: StopUrgency) => void;
  /** SIGHUP, as services are told to read their files again. */
  readonly onReload: () => void;
  /** SIGUSR1, as services are told that their log files have been moved away. */
  readonly onReopenLogs: () => void;
  /** SIGUSR2, as nginx is told that its program has been replaced. */
  readonly onUpgrade: () => void;
  /** Whether STDIN is a terminal now. Default: what the system says. */
  readonly isOnTerminal?: () => boolean;
  readonly log: Logger;
}

/**
 * Listens to the signals that people and service managers send to the master: each SIGTERM or SIGINT asks more urgently than the one before.
 * SIGUSR1 has log files opened anew, SIGUSR2 another version of the program take over. SIGHUP asks for a reload, and for a stop when it comes because the terminal is gone that the engine was started on: nobody would find it
 * again.
 */
export function listenToSignals({
  onStop,
  onReload,
  onReopenLogs,
  onUpgrade,
  isOnTerminal = () => isatty(0),
  log,
}: SignalOptions): Disposable {
  const wasOnTerminal = isOnTerminal();
  let requestCount = 0;
  const stop = (signal: NodeJS.Signals): void => {
    const urgency = URGENCIES[Math.min(requestCount++, URGENCIES.length - 1)]!;
    log.info("stopping", { signal, urgency });
    onStop(urgency);
  };
  const upgrade = (signal: NodeJS.Signals): void => {
    log.info("upgrading", { signal });
    onUpgrade();
  };
  const reopen = (signal: NodeJS.Signals): void => {
    log.info("opening log files anew", { signal });
    onReopenLogs();
  };
  const hangUp = (signal: NodeJS.Signals): void => {
    if (wasOnTerminal && !isOnTerminal()) {
      if (requestCount === 0) stop(signal);
    } else {
      log.info("reloading", { signal });
      onReload();
    }
  };
  const handlers: readonly (readonly [NodeJS.Signals, (signal: NodeJS.Signals) => void])[] = [
    ...STOP_SIGNALS.map((signal) => [signal, stop] as const),
    ["SIGHUP", hangUp],
    ["SIGUSR1", reopen],
    ["SIGUSR2", upgrade],
  ];
  for (const [signal, handler] of handlers) process.on(signal, handler);
  return {
    [Symbol.dispose](): void {
      for (const [signal, handler] of handlers) process.off(signal, handler);
    },
  };
}
