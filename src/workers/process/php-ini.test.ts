import { describe, expect, test } from "bun:test";
import { TemporaryDirectory } from "../../../test/support/temporary-directory.ts";
import { renderPhpIni } from "./php-ini.ts";

/** What PHP makes of the rendered settings. */
function parse(settings: Record<string, string>): Record<string, string> {
  using directory = new TemporaryDirectory();
  const path = directory.write("test.ini", renderPhpIni(settings));
  const code = "echo json_encode(parse_ini_file($argv[1]), JSON_INVALID_UTF8_SUBSTITUTE);";
  return JSON.parse(Bun.spawnSync(["php", "-r", code, "--", path]).stdout.toString()) as Record<string, string>;
}

describe("renderPhpIni", () => {
  test("puts errors on STDERR once and switches the opcode cache on", () => {
    expect(parse({})).toEqual({
      "opcache.enable_cli": "1",
      display_errors: "stderr",
      log_errors: "0",
      memory_limit: "128M",
    });
  });

  test("lets the app have the last word", () => {
    expect(parse({ display_errors: "0" })).toMatchObject({ display_errors: "0", log_errors: "0" });
  });

  test("reaches PHP byte for byte, whatever the value is", () => {
    const settings = {
      "test.plain": "256M",
      "test.spaces": "  a b  ",
      "test.empty": "",
      "test.double": 'say "hi"',
      "test.single": "it's",
      "test.both": `"it's" \\ \${HOME} $x`,
      "test.variable": "${HOME}",
      "test.comment": "a ; b # c",
      "test.operators": "a|b&c^d~e!f(g)",
      "test.backslash": "C:\\dir\\",
      "test.trap": "'\nextension=evil",
      "test.boolean": "On",
      "test.unicode": "größe",
    };
    expect(parse(settings)).toMatchObject(settings);
  });

  test("leaves error levels to PHP", () => {
    expect(parse({ error_reporting: "E_ALL & ~E_DEPRECATED" })).toMatchObject({ error_reporting: "24575" });
    expect(parse({ error_reporting: "E_ALL" })).toMatchObject({ error_reporting: "32767" });
  });
});
