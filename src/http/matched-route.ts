import { segmentText } from "../paths/request-path.ts";

/** The route that a request was found to be for, and what its path has in the place of the route's parameters. */
export class MatchedRoute {
  readonly name: string;
  /** In the order of the pattern. */
  readonly parameterNames: readonly string[];
  /** As `readPath` left them, in the order of the names. */
  readonly #parts: readonly string[];

  constructor(name: string, parameterNames: readonly string[], parts: readonly string[]) {
    this.name = name;
    this.parameterNames = parameterNames;
    this.#parts = parts;
  }

  /** The text of a parameter, decoded; undefined for one that the route does not have. */
  parameter(name: string): string | undefined {
    const part = this.part(name);
    return part === undefined ? undefined : segmentText(part);
  }

  /** As `parameter`, with kept slashes still told from others: for what becomes part of a path again. */
  part(name: string): string | undefined {
    const index = this.parameterNames.indexOf(name);
    return index === -1 ? undefined : this.#parts[index];
  }
}
