import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { configJsonSchema } from "../../src/config/description/json-schema.ts";
import { TestAuthority } from "../support/certificates.ts";
import { type ConfigText, problemsOf } from "../support/config-text.ts";
import { accepts } from "../support/json-schema.ts";
import { repositoryPath } from "./source-file.ts";

const PAGES = ["README.md", "{docs,sdk,examples}/**/*.md"]
  .flatMap((pattern) => Array.from(new Bun.Glob(pattern).scanSync(repositoryPath)))
  .filter((path) => !/(?:^|\/)(?:node_modules|vendor)\//.test(path) && !path.startsWith("docs/decisions/"))
  .toSorted();

/** Configurations of other programs: RoadRunner, Kubernetes, Prometheus. */
const IS_FOREIGN = /^(?:# \.rr\.yaml|apiVersion:|scrape_configs:)/m;

const HASH = `$2b$10$${"a".repeat(53)}`;
const { certificatePem, keyPem } = new TestAuthority().issue({ names: ["example.org"] });

/** What the blocks name, on a machine that has it. */
const MACHINE: ConfigText = {
  userId: 0,
  environment: { ADMIN_HASH: HASH, EVE_HASH: HASH },
  files: {
    "/etc/passwd": "shop:x:1001:1001::/srv/shop:/bin/sh\nblog:x:1002:1002::/srv/blog:/bin/sh\n",
    "/etc/group": "www-data:x:33:\n",
    ...Object.fromEntries(["site.crt", "a.pem", "cert.pem", "clients-ca.pem"].map((path) => [path, certificatePem])),
    ...Object.fromEntries(["site.key", "a.key", "key.pem"].map((path) => [path, keyPem])),
    ...Object.fromEntries(
      ["/etc/vilya/example.org", "/etc/vilya/shop", "/etc/ssl/example.org"].flatMap((path) => [
        [`${path}.pem`, certificatePem],
        [`${path}.key`, keyPem],
      ]),
    ),
    ...Object.fromEntries(
      [
        ...["main.py", "server.ts", "upload.php", "shop/worker.php", "admin/worker.php", "api/main.py"],
        ...["/srv/shop/worker.php", "/srv/blog/worker.php", "shop/public/index.html", "public/index.html"],
        ...["build/docs/index.html", "dist/index.html", "storage/files/a.pdf"],
        ...["/var/log/vilya/.keep", "/run/vilya/.keep", "/usr/bin/python3", "/usr/bin/node", "/usr/bin/setpriv"],
      ].map((path) => [path, ""]),
    ),
  },
};

const SCHEMA = configJsonSchema();

interface Block {
  readonly place: string;
  readonly yaml: string;
}

/** The blocks of YAML in a page, those in lists without their indentation. */
function blocksOf(path: string): readonly Block[] {
  const text = readFileSync(join(repositoryPath, path), "utf8");
  return [...text.matchAll(/^( *)```yaml\n(.*?)^\1```/gms)].map((match) => ({
    place: `${path}:${text.slice(0, match.index).split("\n").length}`,
    yaml: match[2]!.replaceAll(new RegExp(`^${match[1]}`, "gm"), ""),
  }));
}

describe("a configuration in a page", () => {
  for (const { place, yaml } of PAGES.flatMap(blocksOf).filter((block) => !IS_FOREIGN.test(block.yaml))) {
    test(`${place} is one that config check and the schema for editors take`, () => {
      expect(problemsOf({ ...MACHINE, yaml })).toEqual([]);
      expect(accepts(SCHEMA, parse(yaml))).toBe(true);
    });
  }
});
