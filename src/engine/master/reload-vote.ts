/** Says for an app whether its new workers may take over; asked by each front once its own are ready, or will not be. */
export type Ballot = (app: string, isReady: boolean) => Promise<boolean>;

interface Question {
  readonly ready: Set<number>;
  readonly answer: PromiseWithResolvers<boolean>;
}

/**
 * Lets new workers of an app take over in all fronts or in none: when those of every front are ready. A front that is gone, or has said all
 * that it had to say, is not waited for.
 */
export class ReloadVote {
  readonly #voters: Set<number>;
  readonly #questions = new Map<string, Question>();

  /** @param voterCount the fronts that are asked; they are known by their indexes. */
  constructor(voterCount: number) {
    this.#voters = new Set(Array.from({ length: voterCount }, (_, index) => index));
  }

  /** Resolves when that is decided. */
  cast(voter: number, app: string, isReady: boolean): Promise<boolean> {
    let question = this.#questions.get(app);
    if (question === undefined) {
      this.#questions.set(app, (question = { ready: new Set(), answer: Promise.withResolvers() }));
    }
    if (isReady) question.ready.add(voter);
    else question.answer.resolve(false);
    this.#judge(question);
    return question.answer.promise;
  }

  /** Nothing more comes of this front. */
  leave(voter: number): void {
    this.#voters.delete(voter);
    for (const question of this.#questions.values()) this.#judge(question);
  }

  #judge({ ready, answer }: Question): void {
    if ([...this.#voters].every((voter) => ready.has(voter))) answer.resolve(true);
  }
}
