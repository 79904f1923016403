/**
 * How an exchange ended: `answered` in full · `upgraded` to another protocol · `abandoned`, the client having left before the answer was
 * complete · `refused` by the protocol while its request was arriving · `cut`, the app having failed in the middle of its answer.
 */
export type ExchangeOutcome = "answered" | "upgraded" | "abandoned" | "refused" | "cut";

/**
 * What somebody wants to know of one exchange, from its head to its end, which is when the last byte of the answer has been handed to the
 * client's connection. An exchange without a trace costs nothing for it.
 *
 * Invariant: `onEnd` is called once. By then the request's head may be another's: what is needed of it is kept before.
 */
export abstract class ExchangeTrace {
  /** Who answers; `null` for the engine itself. */
  app: string | null = null;
  /** Whose password was right, one UTF-16 unit an octet of UTF-8; `null` where nobody was asked for one. */
  user: string | null = null;
  /** Of the response; 0 when none was begun. */
  status = 0;
  /** Content of the response handed to the client's connection, before any framing. */
  bodyBytes = 0;
  /** True when HEAD was asked: then content is measured but not sent. */
  isHead = false;
  /** How long the request waited for its worker to begin with it; -1 when it never waited for one. */
  queueMs = -1;
  /** How long the worker took for it; -1 when none has begun. */
  workMs = -1;

  /** The head of an answer in parts has been sent. */
  abstract onBegin(): void;
  abstract onEnd(outcome: ExchangeOutcome): void;
}
