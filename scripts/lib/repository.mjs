import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of the checkout, whatever folder a script is started in. */
export const repositoryPath = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/**
 * The absolute path of something in the checkout.
 * @param {...string} segments
 */
export const inRepository = (...segments) => join(repositoryPath, ...segments);
