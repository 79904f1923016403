import { describe, expect, test } from "bun:test";
import type { Assignment } from "./sources/assignment.ts";
import { level } from "./options/logging-options.ts";
import type { Option, OptionMap } from "./options/option.ts";
import type { RawValue } from "./types/option-type.ts";
import { environment, ini } from "./options/php-options.ts";
import { host, port } from "./options/server-options.ts";
import { Settings } from "./settings.ts";
import { minWorkers } from "./options/worker-options.ts";

function assign(
  option: Option<unknown> | OptionMap,
  raw: RawValue,
  flag = "--test",
  entryName: string | null = null,
): Assignment {
  return { option, entryName, raw, origin: { kind: "flag", flag } };
}

describe("Settings", () => {
  test("starts from the defaults", () => {
    const settings = new Settings([]);
    expect(settings.value(port)).toBe(8888);
    expect(settings.origin("server.port")).toEqual({ kind: "default" });
    expect(settings.entries(ini)).toEqual({});
    expect(settings.problems).toEqual([]);
  });

  test("takes the last of several assignments, and its origin", () => {
    const settings = new Settings([assign(port, "1", "--a"), assign(port, "2", "--b")]);
    expect(settings.value(port)).toBe(2);
    expect(settings.origin("server.port")).toEqual({ kind: "flag", flag: "--b" });
  });

  test("merges maps entry by entry", () => {
    const settings = new Settings([
      assign(ini, "1", "--a", "opcache.enable"),
      assign(ini, "128M", "--a", "memory_limit"),
      assign(ini, "0", "--b", "opcache.enable"),
    ]);
    expect(settings.entries(ini)).toEqual({ "opcache.enable": "0", memory_limit: "128M" });
    expect(settings.origin("php.ini.opcache.enable")).toEqual({ kind: "flag", flag: "--b" });
  });

  test("keeps an entry of the name __proto__ a plain entry", () => {
    const entries = new Settings([assign(environment, "x", "--a", "__proto__")]).entries(environment);
    expect(Object.keys(entries)).toEqual(["__proto__"]);
    expect(Object.getPrototypeOf(entries)).toBe(Object.prototype);
  });

  test("refuses every bad value, also one that is overridden", () => {
    const settings = new Settings([assign(port, "x"), assign(port, "80"), assign(host, "a b")]);
    expect(settings.problems.map(({ message }) => message)).toEqual([
      'Cannot use server.port: it is "x", a whole number from 0 to 65535 is allowed',
      'Cannot use server.host: it is "a b", an IP address or a host name, without a scheme or port, is allowed',
    ]);
    expect(settings.areSound(port)).toBe(false);
    expect(settings.areSound(level)).toBe(true);
    expect(settings.areSound(level, host)).toBe(false);
  });

  test("suggests the word that was meant", () => {
    expect(new Settings([assign(level, "warning")]).problems[0]?.hint).toBe("did you mean warn?");
    expect(new Settings([assign(level, "loud")]).problems[0]?.hint).toBeNull();
  });

  test("makes hostile values printable and short", () => {
    const [problem] = new Settings([assign(host, `\u001b[2J${"x".repeat(10_000)}`)]).problems;
    expect(problem?.message).toContain('"\\u{1b}[2Jxxx');
    expect(problem?.message.length).toBeLessThan(300);
  });

  test("refuses a list where one text belongs", () => {
    const settings = new Settings([assign(port, ["1", "2"]), assign(ini, ["a"], "--a", "memory_limit")]);
    expect(settings.problems.map(({ message }) => message)).toEqual([
      'Cannot use server.port: it is ["1", "2"], a whole number from 0 to 65535 is allowed',
      'Cannot use php.ini.memory_limit: it is ["a"], one line of text is allowed',
    ]);
  });

  test("does not repeat a secret it refuses", () => {
    const [problem] = new Settings([assign(environment, "secret\0", "--a", "TOKEN")]).problems;
    expect(problem?.message).toBe(
      "Cannot use php.env.TOKEN: its value cannot be used, text of up to 65536 characters is allowed",
    );
  });

  test.each(["bad name", "a=b", "", "a\nb"])("refuses %j as the name of an entry", (name) => {
    expect(new Settings([assign(environment, "x", "--a", name)]).problems).toHaveLength(1);
  });

  test("tells which keys have other values than in another reading", () => {
    const old = new Settings([assign(port, "80"), assign(host, "::1"), assign(ini, "1", "--a", "kept")]);
    const now = new Settings([
      assign(port, "81"),
      assign(level, "info"),
      assign(ini, "1", "--b", "kept"),
      assign(ini, "2", "--a", "new"),
    ]);
    expect(now.keysThatDiffer(old)).toEqual(["php.ini.new", "server.host", "server.port"]);
    expect(old.keysThatDiffer(now)).toEqual(["php.ini.new", "server.host", "server.port"]);
  });

  test("lets a default be worked out without changing its origin", () => {
    const settings = new Settings([assign(port, "80")]);
    settings.derive(minWorkers, 3);
    settings.derive(port, 81);
    expect(settings.value(minWorkers)).toBe(3);
    expect(settings.origin("workers.min_workers")).toEqual({ kind: "default" });
    expect(settings.origin("server.port")).toEqual({ kind: "flag", flag: "--test" });
  });
});
