import { describe, expect, test } from "bun:test";
import { countJunitCases } from "./junit.mjs";

/** @param {string} cases */
const report = (cases) =>
  `<?xml version="1.0"?><testsuites tests="9"><testsuite tests="9">${cases}</testsuite></testsuites>`;

describe("countJunitCases", () => {
  test("counts what passed, failed, broke and was skipped", () => {
    const cases = `
      <testcase name="a" time="0.1" />
      <testcase name="b"><failure type="X" message="m">text</failure></testcase>
      <testcase name="c"><error type="X">text</error></testcase>
      <testcase name="d"><skipped/></testcase>
      <testcase name="e"></testcase>`;
    expect(countJunitCases(report(cases))).toEqual({ passedCount: 2, failedCount: 2, skippedCount: 1 });
  });

  test("is not misled by names, messages and output that look like the report", () => {
    const cases = `
      <testcase name="a > b /&gt; &lt;failure&gt;" />
      <testcase name="c"><system-out><![CDATA[<testcase name="x"><failure></testcase>]]></system-out></testcase>`;
    expect(countJunitCases(report(cases))).toEqual({ passedCount: 2, failedCount: 0, skippedCount: 0 });
  });

  test("counts nothing in a report that was never written", () => {
    expect(countJunitCases("")).toEqual({ passedCount: 0, failedCount: 0, skippedCount: 0 });
  });
});
