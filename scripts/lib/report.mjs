/**
 * What the scripts say while they work: one line a step with what is being done, then how it went and how long it took, so
 * that someone who waits for a download sees what for. Nothing is printed for a step that had nothing to do.
 */

const PASSED = "ok";
const FAILED = "FAILED";

/**
 * Runs `work` under a line `<title> … <result> (1.2 s)`.
 * @template Result
 * @param {string} title what is being done
 * @param {() => Promise<Result>} work
 * @param {(result: Result) => { isPassed: boolean, note?: string, details?: string }} judge what the line ends with;
 *   `details` follow it and are for what failed.
 * @returns {Promise<Result>}
 */
export async function step(title, work, judge) {
  process.stdout.write(`${title} … `);
  const startedAtMs = performance.now();
  const result = await work();
  const seconds = ((performance.now() - startedAtMs) / 1000).toFixed(1);
  const { isPassed, note, details } = judge(result);
  process.stdout.write(`${isPassed ? PASSED : FAILED}${note ? `, ${note}` : ""} (${seconds} s)\n`);
  if (details) process.stdout.write(`${details.trimEnd()}\n`);
  return result;
}

/**
 * Prints one line that asks for attention without ending anything.
 * @param {string} message
 */
export const say = (message) => void process.stdout.write(`${message}\n`);

/**
 * A long output without its middle: the cause stands at one end, what to do about it at the other.
 * @param {string} output
 * @param {number} [countMax] lines kept at each end.
 */
export function excerpt(output, countMax = 15) {
  const lines = output.trimEnd().split("\n");
  if (lines.length <= 2 * countMax) return lines.join("\n");
  const leftOut = `… ${lines.length - 2 * countMax} lines left out …`;
  return [...lines.slice(0, countMax), leftOut, ...lines.slice(-countMax)].join("\n");
}
