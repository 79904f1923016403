import { describe, expect, test } from "bun:test";
import { loadText } from "../../../test/support/config-text.ts";
import { OPTIONS } from "../../config/options/option-index.ts";
import { compareConfigs, isFixed, keepWhatIsFixed } from "./config-difference.ts";

const configWith = (flags: Readonly<Record<string, string>>) => loadText({ flags }).config;

/** Another value than the default, for each key. */
const IN_PLACE = {
  "workers.count": "3",
  "workers.min_workers": "1",
  "workers.max_workers": "9",
  "logging.level": "warn",
};
const NEW_FRONT = {
  "server.port": "8889",
  "workers.timeout": "9s",
  "php.args": "-n",
  "logging.format": "json",
  fronts: "2",
};
const FIXED = { name: "other", runtime_dir: "/other", "admin.port": "9091" };

describe("What a changed option replaces", () => {
  const old = configWith({});

  test.each(Object.entries(IN_PLACE))("is nothing for %s", (key, value) => {
    expect(OPTIONS.get(key)?.replaces).toBe("in place");
    expect(compareConfigs(old, configWith({ [key]: value }))).toBe("in-place");
  });

  test.each(Object.entries(NEW_FRONT))("is the front for %s", (key, value) => {
    expect(OPTIONS.get(key)?.replaces).toBe("front");
    expect(compareConfigs(old, configWith({ [key]: value }))).toBe("new-front");
  });

  test.each(Object.entries(FIXED))("is what a reload leaves alone for %s", (key, value) => {
    expect(isFixed(key)).toBe(true);
    expect(compareConfigs(old, keepWhatIsFixed(configWith({ [key]: value }), old))).toBe("workers");
  });

  test("is nothing for no other option", () => {
    const keys = [...OPTIONS.values()].filter(({ replaces }) => replaces === "in place").map(({ key }) => key);
    expect(keys.toSorted()).toEqual(Object.keys(IN_PLACE).toSorted());
  });
});
