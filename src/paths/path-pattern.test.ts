import { describe, expect, test } from "bun:test";
import {
  parameterNames,
  parsePathPattern,
  PATTERN_SEGMENT_COUNT_MAX,
  type PathPattern,
  patternShape,
} from "./path-pattern.ts";

function parse(text: string): PathPattern {
  const pattern = parsePathPattern(text);
  if (typeof pattern === "string") throw new Error(`${text}: ${pattern}`);
  return pattern;
}

describe("parsePathPattern", () => {
  test.each([
    ["/", "/=", []],
    ["/about", "/=about", []],
    ["/users/", "/=users/=", []],
    ["/users/{id}", "/=users/{any}", ["id"]],
    ["/users/{id:int}/posts/{post}", "/=users/{int}/=posts/{any}", ["id", "post"]],
    ["/*", "/*", []],
    ["/api/*", "/=api/*", []],
    ["/files/{rest:path}", "/=files/*", ["rest"]],
    ["/caf%C3%A9/%7Ex", "/=café/=~x", []],
    ["/café", "/=café", []],
  ] as const)("takes %s", (text, shape, names) => {
    expect(patternShape(parse(text))).toBe(shape);
    expect(parameterNames(parse(text))).toEqual([...names]);
  });

  test.each([
    ["", "it does not start with a slash"],
    ["about", "it does not start with a slash"],
    ["/a//b", "it has two slashes in a row, which requests are read without"],
    ["/a/*/b", "something stands behind what takes the rest of the path"],
    ["/{rest:path}/b", "something stands behind what takes the rest of the path"],
    ["/a*", "a star stands for the rest of the path, alone behind the last slash"],
    ["/{id}.json", "a parameter is a whole segment: {name}, {name:int} or {name:path}"],
    ["/{}", "a parameter is a whole segment: {name}, {name:int} or {name:path}"],
    ["/{id:uuid}", "{id:uuid} is of no known type"],
    ["/{id}/{id}", "it has two parameters named id"],
    ["/a/../b", "it has a segment that no request's path has once it is decoded"],
    ["/a%2Fb", "it has a segment that no request's path has once it is decoded"],
    ["/a?b=1", "it has a segment that no request's path has once it is decoded"],
    ["/a\\b", "it has a segment that no request's path has once it is decoded"],
    ["/%zz", "it has a segment that no request's path has once it is decoded"],
  ])("refuses %j", (text, state) => {
    expect(parsePathPattern(text)).toBe(state);
  });

  test("takes as many segments as matching may recurse into, and no more", () => {
    expect(parsePathPattern("/a".repeat(PATTERN_SEGMENT_COUNT_MAX))).toBeObject();
    expect(parsePathPattern("/a".repeat(PATTERN_SEGMENT_COUNT_MAX + 1))).toBe(
      `it has more than ${PATTERN_SEGMENT_COUNT_MAX} segments`,
    );
  });
});
