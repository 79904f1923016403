import { expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { AppConfig } from "../../config/app-config.ts";
import { DeployedApp } from "./deployed-app.ts";

test("DeployedApp stays with the release that the link led to, until that is removed", () => {
  const root = mkdtempSync(join(tmpdir(), "vd-"));
  const link = join(root, "current");
  const deploy = (release: string): void => {
    mkdirSync(join(root, release));
    writeFileSync(join(root, release, "worker.php"), "");
    rmSync(link, { force: true });
    symlinkSync(release, link);
  };
  try {
    deploy("one");
    const deployed = new DeployedApp({ entry: join(link, "worker.php"), workingDirectory: link } as AppConfig);
    const placesOf = (release: string) => ({
      entry: join(root, release, "worker.php"),
      workingDirectory: join(root, release),
    });
    deploy("two");
    expect(deployed.app).toEqual(placesOf("one") as AppConfig);
    rmSync(join(root, "one"), { recursive: true });
    expect(deployed.app).toEqual(placesOf("two") as AppConfig);
    unlinkSync(link);
    rmSync(join(root, "two"), { recursive: true });
    expect(deployed.app.workingDirectory).toBe(link);
  } finally {
    rmSync(root, { recursive: true });
  }
});

test("DeployedApp leaves programs alone that are named and not placed", () => {
  const app = { entry: "", workingDirectory: "/nowhere", binary: "python3" } as AppConfig;
  expect(new DeployedApp(app).app).toEqual(app);
});
