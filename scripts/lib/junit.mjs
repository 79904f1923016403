/**
 * Test cases by how they ended. A case with an error counts as failed.
 * @typedef {{ passedCount: number, failedCount: number, skippedCount: number }} Counts
 */

/**
 * Counts the test cases of a JUnit report, the format that `bun test` and PHPUnit have in common. The cases themselves are
 * counted, because the totals in the report's attributes differ between writers (PHPUnit repeats them in nested suites).
 * @param {string} xml
 * @returns {Counts}
 */
export function countJunitCases(xml) {
  const counts = { passedCount: 0, failedCount: 0, skippedCount: 0 };
  // What a test printed may look like anything: it is out of the way first.
  const structure = xml.replace(/<!\[CDATA\[[\s\S]*?\]\]>/g, "");
  for (const [, body = ""] of structure.matchAll(
    /<testcase(?:\s+[\w:.-]+="[^"]*")*\s*(?:\/>|>([\s\S]*?)<\/testcase>)/g,
  )) {
    if (/<(?:failure|error)\b/.test(body)) counts.failedCount++;
    else if (/<skipped\b/.test(body)) counts.skippedCount++;
    else counts.passedCount++;
  }
  return counts;
}
