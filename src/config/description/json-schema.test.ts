import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { accepts } from "../../../test/support/json-schema.ts";
import { configJsonSchema } from "./json-schema.ts";
import { VALUE_OPTIONS } from "../options/option-index.ts";

/** `{server: {port: 80}}` for `server.port` and 80. */
function fileWith(key: string, value: unknown): unknown {
  return key.split(".").reduceRight<unknown>((inner, name) => ({ [name]: inner }), value);
}

const schema = configJsonSchema();

describe("configJsonSchema", () => {
  test.each(VALUE_OPTIONS.filter((option) => option.default !== null).map((option) => [option.key, option] as const))(
    "accepts the default of %s",
    (key, option) => {
      expect(accepts(schema, fileWith(key, option.type.show(option.default)))).toBe(true);
    },
  );

  test.each([
    ["server.port", 80],
    ["server.port", "${PORT:-80}"],
    ["server.read_timeout", 60],
    ["server.read_timeout", "1.5h"],
    ["server.health_path", "off"],
    ["server.health_path", false],
    ["server.max_body_size", "16MiB"],
    ["workers.count", "auto"],
    ["workers.prefetch", 8],
    ["workers.scale_down_idle_secs", 0],
    ["workers.max_requests_jitter", "10%"],
    ["workers.retry_after", "${RETRY}"],
    ["name", 2024],
    ["php.ini", { "opcache.enable": 1, memory_limit: "256M" }],
    ["php.env", { DEBUG: true, VERSION: 8.1 }],
    ["php.args", ["-d", "a=b"]],
    ["php.args", "-d a=b"],
    ["php", null],
  ])("accepts %s: %j", (key, value) => {
    expect(accepts(schema, fileWith(key, value))).toBe(true);
  });

  test.each([
    ["prot", 80],
    ["server.prot", 80],
    ["server.port", 70_000],
    ["server.port", "eighty"],
    ["server.port", 80.5],
    ["server.read_timeout", 0],
    ["server.read_timeout", "5 years"],
    ["server.enable_http2", "maybe"],
    ["server.health_path", "health"],
    ["server.max_body_size", "16M"],
    ["workers.prefetch", "always"],
    ["workers.prefetch", 65],
    ["logging.level", "loud"],
    ["name", "a b"],
    ["php.env", { "A B": 1 }],
    ["php.ini", ["a"]],
    ["server", 80],
  ])("refuses %s: %j", (key, value) => {
    expect(accepts(schema, fileWith(key, value))).toBe(false);
  });

  test("is what the checked-in schema says", async () => {
    const checkedIn: unknown = await Bun.file(
      join(import.meta.dir, "../../../docs/reference/vilya.schema.json"),
    ).json();
    // Written by: vilya config schema > docs/reference/vilya.schema.json
    expect(checkedIn).toEqual(JSON.parse(JSON.stringify(schema)));
  });
});
