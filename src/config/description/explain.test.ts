import { describe, expect, test } from "bun:test";
import { fakeConfigSystem } from "../../../test/support/fake-config-system.ts";
import { explainSettings, renderExplanation } from "./explain.ts";
import { loadConfig } from "../load-config.ts";
import { OPTIONS } from "../options/option-index.ts";

const YAML = `
server: {port: 80, read_timeout: 90, max_body_size: 16777216}
workers: {count: auto}
php:
  ini: {memory_limit: 256M}
  env: {TOKEN: "credential"}
  args: [-d, "a=b c"]
`;

function explain() {
  const system = fakeConfigSystem({
    files: { "vilya.yaml": YAML },
    environment: { VILYA_LOG_LEVEL: "debug" },
    cpuCount: 3,
  });
  return explainSettings(
    loadConfig({ file: null, overrides: [{ key: "server.host", text: "::1", flag: "--host" }] }, system).settings,
  );
}

describe("explainSettings", () => {
  const byKey = new Map(explain().map((setting) => [setting.key, setting]));

  test.each([
    ["server.host", "::1", "flag --host"],
    ["server.port", 80, "vilya.yaml:2:16"],
    ["server.read_timeout", "90s", "vilya.yaml:2:34"],
    ["server.max_body_size", "16MiB", "vilya.yaml:2:53"],
    ["server.enable_http2", true, "default"],
    ["server.body_dir", null, "default"],
    ["workers.count", 3, "vilya.yaml:3:18"],
    ["workers.max_workers", 3, "default"],
    ["php.worker_script", "/app/worker.php", "default"],
    ["php.args", ["-d", "a=b c"], "vilya.yaml:7:9"],
    ["php.ini.memory_limit", "256M", "vilya.yaml:5:23"],
    ["logging.level", "debug", "env VILYA_LOG_LEVEL"],
  ])("says what %s is and why", (key, value, origin) => {
    expect(byKey.get(key)).toMatchObject({ value, origin });
  });

  test("shows that a variable of the app is set, but not its value", () => {
    expect(byKey.get("php.env.TOKEN")).toMatchObject({ value: "***", origin: "vilya.yaml:6:16" });
    expect(JSON.stringify(explain())).not.toContain("credential");
  });

  test("leaves no option out", () => {
    const keys = [...OPTIONS.values()].filter(({ kind }) => kind === "value").map(({ key }) => key);
    expect(keys.filter((key) => !byKey.has(key))).toEqual([]);
  });
});

describe("renderExplanation", () => {
  test("prints columns, and how a default was found", () => {
    const text = renderExplanation(explain());
    expect(text).toMatch(/^server\.port +80 +vilya\.yaml:2:16$/m);
    expect(text).toMatch(/^workers\.max_workers +3 +default: the same as count$/m);
    expect(text).toMatch(/^server\.body_dir +- +default: /m);
    expect(text.endsWith("\n")).toBe(true);
  });

  test("lets a long value push its own origin on, and nobody else's", () => {
    const row = (key: string, value: string) => ({ key, value, origin: "default", rule: null });
    expect(renderExplanation([row("a", "x".repeat(40)), row("b", "y")])).toBe(
      `a  ${"x".repeat(40)}  default\nb  ${"y".padEnd(32)}  default\n`,
    );
  });

  test("prints nothing that moves the cursor", () => {
    const hostile = { key: "name", value: "a\u001b[2J\nb", origin: "default", rule: null };
    expect(renderExplanation([hostile])).toBe("name  a\\u{1b}[2J\\nb  default\n");
  });
});
