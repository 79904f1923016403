import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { parseDocument } from "yaml";
import { fakeConfigSystem } from "../../../test/support/fake-config-system.ts";
import { loadConfig } from "../load-config.ts";
import { OPTIONS } from "../options/option-index.ts";
import { renderReferencePage } from "./reference-page.ts";

const page = renderReferencePage();

describe("renderReferencePage", () => {
  test("is what the checked-in page says", async () => {
    // Written by: vilya config reference > docs/reference/config.md
    expect(await Bun.file(join(import.meta.dir, "../../../docs/reference/config.md")).text()).toBe(page);
  });

  test("has a heading and a line of the example for every option", () => {
    for (const key of OPTIONS.keys()) expect(page).toContain(`### \`${key}\`\n`);
  });

  test("shows an example that is valid and changes nothing", () => {
    const example = /```yaml\n(.*?)```/s.exec(page)?.[1] ?? "";
    expect(parseDocument(example).errors).toEqual([]);
    const { file: _file, ...fromExample } = loadConfig(
      { file: null, overrides: [] },
      fakeConfigSystem({ files: { "vilya.yaml": example } }),
    ).config;
    const { file: _none, ...fromNothing } = loadConfig({ file: null, overrides: [] }, fakeConfigSystem()).config;
    expect(fromExample).toEqual(fromNothing);
  });
});
