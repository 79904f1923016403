import { createHmac, randomBytes } from "node:crypto";

import type { Logger } from "../../telemetry/logger.ts";

/** What a password was found to be; `busy` where too many are being looked at. */
export type Verdict = "allowed" | "denied" | "busy";

/** Passwords that are hashed at once, each on a thread for as long as its hash wants. */
export const VERIFY_COUNT_MAX = 2;
/** Passwords that may wait for that. */
export const WAITING_COUNT_MAX = 64;
/** Verdicts that are remembered; the oldest is forgotten for a new one. */
const REMEMBERED_COUNT_MAX = 1_000;

/**
 * Verifies names and passwords against hashes, and remembers what it found, under a keyed digest that means nothing outside this process:
 * neither passwords nor anything to guess them from stays in memory. A name that is not there takes as long as a wrong password.
 */
export class PasswordCheck {
  readonly #hashes: ReadonlyMap<string, string>;
  readonly #key = randomBytes(32);
  readonly #verdicts = new Map<string, boolean>();
  readonly #log: Logger;
  readonly #waiting: (() => void)[] = [];
  #activeCount = 0;

  /** @param users hashes by name; at least one. */
  constructor(users: Readonly<Record<string, string>>, log: Logger) {
    this.#hashes = new Map(Object.entries(users));
    this.#log = log;
  }

  /** What was found before; null for credentials that are new. */
  recall(credentials: string): boolean | null {
    return this.#verdicts.get(this.#digest(credentials)) ?? null;
  }

  async verify(credentials: string): Promise<Verdict> {
    if (!(await this.#enter())) return "busy";
    try {
      const isRight = this.recall(credentials) ?? (await this.#isRight(credentials));
      this.#remember(credentials, isRight);
      return isRight ? "allowed" : "denied";
    } catch (error) {
      // The hash is in no form that can be verified.
      this.#log.error("password cannot be verified", { error: error as Error });
      return "denied";
    } finally {
      this.#activeCount--;
      this.#waiting.shift()?.();
    }
  }

  async #enter(): Promise<boolean> {
    if (this.#activeCount >= VERIFY_COUNT_MAX) {
      if (this.#waiting.length >= WAITING_COUNT_MAX) return false;
      const turn = Promise.withResolvers<void>();
      this.#waiting.push(turn.resolve);
      await turn.promise;
    }
    this.#activeCount++;
    return true;
  }

  async #isRight(credentials: string): Promise<boolean> {
    const colon = credentials.indexOf(":");
    const password = credentials.slice(colon + 1);
    const hash = this.#hashes.get(credentials.slice(0, colon));
    if (hash !== undefined) return password !== "" && (await Bun.password.verify(password, hash));
    const [other = ""] = this.#hashes.values();
    await Bun.password.verify(password === "" ? " " : password, other);
    return false;
  }

  #remember(credentials: string, isRight: boolean): void {
    const verdicts = this.#verdicts;
    verdicts.set(this.#digest(credentials), isRight);
    if (verdicts.size <= REMEMBERED_COUNT_MAX) return;
    for (const oldest of verdicts.keys()) {
      verdicts.delete(oldest);
      return;
    }
  }

  #digest(credentials: string): string {
    return createHmac("sha256", this.#key).update(credentials).digest("base64");
  }
}
