import { describe, expect, test } from "bun:test";
import { CONFIG_FLAGS, requestOf } from "./config-flags.ts";
import { parseFlags } from "./parse-flags.ts";

function request(...line: readonly string[]) {
  return requestOf(parseFlags(line, CONFIG_FLAGS).flags);
}

describe("requestOf", () => {
  test("asks for nothing without flags", () => {
    expect(request()).toEqual({ file: null, overrides: [] });
  });

  test("takes the last file", () => {
    expect(request("-config=a", "-c", "b").file).toBe("b");
  });

  test("keeps overrides in the order they were given", () => {
    expect(
      request("--port", "1", "-o", "server.port=2", "--workers=8", "--log-level", "debug", "-host=::1").overrides,
    ).toEqual([
      { key: "server.port", text: "1", flag: "--port" },
      { key: "server.port", text: "2", flag: "-o server.port" },
      { key: "workers.count", text: "8", flag: "--workers" },
      { key: "logging.level", text: "debug", flag: "--log-level" },
      { key: "server.host", text: "::1", flag: "--host" },
    ]);
  });

  test("splits -o at the first =", () => {
    expect(request("-o", "php.env.URL=a=b").overrides).toEqual([
      { key: "php.env.URL", text: "a=b", flag: "-o php.env.URL" },
    ]);
    expect(request("-o", "php.env.EMPTY=").overrides[0]?.text).toBe("");
  });

  test.each(["server.port", "=80", ""])("refuses -o %j", (given) => {
    expect(() => request("-o", given)).toThrow("Cannot use -o: it has no key and value");
  });
});
