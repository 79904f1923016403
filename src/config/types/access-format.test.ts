import { describe, expect, test } from "bun:test";
import { type AccessVariable, NAMED_VARIABLES, parseAccessFormat, PERCENT_VARIABLES } from "./access-format.ts";

/** A format in short: text as it is, variables in angle brackets. */
function shown(format: string): string | null {
  const parts = parseAccessFormat(format);
  if (parts === null || parts === "json") return parts;
  return parts
    .map((part) => {
      if (typeof part === "string") return part;
      return part.header === null ? `<${part.variable}>` : `<${part.variable} ${part.header}>`;
    })
    .join("");
}

describe("parseAccessFormat", () => {
  test.each([
    ["json", "json"],
    ["common", '<client> <nothing> <user> <time-bracketed> "<request>" <status> <body-bytes-or-dash>'],
    ["%h %>s %<s %s", "<client> <status> <status> <status>"],
    ["100%% of %b", "100% of <body-bytes-or-dash>"],
    ["%{User-Agent}i", "<header user-agent>"],
    ["%T %{ms}T %{us}T %{s}T %D", "<duration-whole-s> <duration-ms> <duration-us> <duration-whole-s> <duration-us>"],
    ["$remote_addr:$remote_port", "<client>:<client-port>"],
    ["$http_user_agent|$http_x_real_ip", "<header user-agent>|<header x-real-ip>"],
    ["$request_time/$upstream_response_time", "<duration-s>/<work-s>"],
    ["${status}ms", "<status>ms"],
    ['{"ü":"$request"}', '{"ü":"<request>"}'],
    ["no variable at all", "no variable at all"],
  ])("reads %j as %j", (format, expected) => {
    expect(shown(format)).toBe(expected);
  });

  test("reads combined as common with the referer and the user agent", () => {
    expect(shown("combined")).toBe(`${shown("common")} "<header referer>" "<header user-agent>"`);
  });

  test.each([
    "%Z",
    "%{Set-Cookie}o",
    "%{x y}i",
    "%{}i",
    "$nothing_here",
    "%",
    "5$",
    "a % b",
    "$",
    "${status",
    "%{ns}T",
  ])("refuses %j", (format) => {
    expect(parseAccessFormat(format)).toBeNull();
  });

  test("takes every variable there is by its name", () => {
    const names = [
      ...Object.keys(NAMED_VARIABLES).map((name) => `$${name}`),
      ...Object.keys(PERCENT_VARIABLES).map((letter) => `%${letter}`),
    ];
    const variables = new Set<AccessVariable>([...Object.values(NAMED_VARIABLES), ...Object.values(PERCENT_VARIABLES)]);
    const parts = parseAccessFormat(names.join(" "));
    const found = new Set(
      (parts as readonly unknown[]).flatMap((part) =>
        typeof part === "object" ? [(part as { variable: AccessVariable }).variable] : [],
      ),
    );
    expect(found).toEqual(variables);
  });
});
