/**
 * The base of every operating error. The parent class decides containment: a `ProtocolError` closes its connection, a `WorkerError`
 * retires its worker, a `ConfigError` refuses the start or the reload. Messages read `Cannot <action> <subject>: <state>, <what is allowed>`.
 */
export abstract class VilyaError extends Error {
  /** Stable, documented in `docs/reference/errors.md`: `VILYA_<AREA>_<CONDITION>`. */
  abstract readonly code: `VILYA_${string}`;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** A peer broke its protocol: framing is lost or a rule is violated, and the connection it came on is closed. */
export abstract class ProtocolError extends VilyaError {}

/** A worker process broke its contract: it is retired and replaced, and its pool goes on. */
export abstract class WorkerError extends VilyaError {}

/** The configuration cannot be used: the start or the reload is refused and what ran before keeps running. */
export abstract class ConfigError extends VilyaError {}
