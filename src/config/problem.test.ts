import { expect, test } from "bun:test";
import { ConfigError } from "../base/errors.ts";
import { ConfigProblemsError } from "./problem.ts";

const problem = (message: string) => ({ message, origins: [], hint: null });

test("ConfigProblemsError › says the first problem and how many more there are", () => {
  expect(new ConfigProblemsError([problem("Cannot use a")]).message).toBe("Cannot use a");
  const error = new ConfigProblemsError([problem("Cannot use a"), problem("Cannot use b")]);
  expect(error.message).toBe("Cannot use a (and 1 more)");
  expect(error.problems).toHaveLength(2);
});

test("ConfigProblemsError › refuses the start or the reload", () => {
  expect(new ConfigProblemsError([])).toBeInstanceOf(ConfigError);
  expect(new ConfigProblemsError([]).code).toBe("VILYA_CONFIG_PROBLEMS");
});
