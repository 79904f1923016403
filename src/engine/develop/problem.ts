/** Why new code or a new configuration does not serve, for the page that a developer sees in the place of the app's. */
export interface DevelopmentProblem {
  /** One sentence. */
  readonly title: string;
  /** What was written to STDERR, or the places in the configuration. */
  readonly lines: readonly string[];
}
