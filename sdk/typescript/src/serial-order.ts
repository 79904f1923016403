/**
 * The order of requests in a worker that runs one at a time: the engine writes some ahead, and what it has written ahead of a response in
 * parts it runs elsewhere. docs/reference/wire.md W1.34, W2.15.
 */
export class SerialOrder<Request> {
  readonly #run: (request: Request) => void;
  #waiting: Request[] = [];
  #isRunning = false;
  #isVoiding = false;

  /** `run` is called with the request whose turn it is; {@link onEnd} has to follow. */
  constructor(run: (request: Request) => void) {
    this.#run = run;
  }

  take(request: Request): void {
    if (this.#isVoiding) return;
    if (this.#isRunning) {
      this.#waiting.push(request);
      return;
    }
    this.#isRunning = true;
    this.#run(request);
  }

  /** The running request is answered in parts: what came behind it is void, until the engine has said a word about the answer. */
  onHead(): void {
    this.#waiting = [];
    this.#isVoiding = true;
  }

  /** The engine has granted credit for the answer, or called it off. */
  onWord(): void {
    this.#isVoiding = false;
  }

  /** The running request is answered. */
  onEnd(): void {
    this.#isVoiding = false;
    const next = this.#waiting.shift();
    this.#isRunning = next !== undefined;
    if (next !== undefined) this.#run(next);
  }
}
