import { readFileSync } from "node:fs";
import { parseEnv } from "node:util";
import { UsageError } from "../usage-error.ts";

/**
 * The environment variables that a file of lines like `NAME=value` sets, as dotenv reads them.
 *
 * @throws {UsageError} when it cannot be read.
 */
export function readVariables(path: string): readonly (readonly [name: string, value: string])[] {
  try {
    return Object.entries(parseEnv(readFileSync(path, "utf8"))).map(([name, value]) => [name, value ?? ""]);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UsageError(`Cannot read the variables of ${path}: ${code ?? "it is not text"}`, "try: --env-file .env");
  }
}
