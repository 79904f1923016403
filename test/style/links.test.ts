import { expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { repositoryPath } from "./source-file.ts";

const PAGES = ["*.md", "{docs,sdk,bench,examples,spec}/**/*.md"]
  .flatMap((pattern) => Array.from(new Bun.Glob(pattern).scanSync(repositoryPath)))
  .filter((path) => !/(?:^|\/)(?:node_modules|vendor)\//.test(path))
  .toSorted();

/** A page without its fenced code, in which brackets mean something else. */
const textOf = (path: string): string => readFileSync(join(repositoryPath, path), "utf8").replace(/^```.*?^```/gms, "");

/** What a heading is called in links: lower case, words joined by hyphens, without other signs. */
function anchorOf(heading: string): string {
  const text = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1").toLowerCase();
  return text.replaceAll(/[^\p{L}\p{N}\s_-]/gu, "").replaceAll(" ", "-");
}

function linksOf(path: string): readonly string[] {
  const targets = [...textOf(path).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target!);
  return targets.filter((target) => !/^[a-z]+:/.test(target));
}

function isBroken(path: string, target: string): boolean {
  const [file = "", anchor] = target.split("#");
  const page = file === "" ? path : join(dirname(path), file);
  if (!existsSync(join(repositoryPath, page))) return true;
  if (anchor === undefined || !page.endsWith(".md")) return false;
  const headings = [...textOf(page).matchAll(/^#+ (.+)$/gm)].map(([, heading]) => anchorOf(heading!));
  return !headings.includes(anchor);
}

test("every link of every page leads somewhere", () => {
  const broken = PAGES.flatMap((path) =>
    linksOf(path)
      .filter((target) => isBroken(path, target))
      .map((target) => `${path}: ${target}`),
  );
  expect(broken).toEqual([]);
});

test("a page, a place in it and a file that are not there are broken links", () => {
  const targets = [
    "docs/nowhere.md",
    "docs/start.md#nowhere",
    "nowhere/",
    "docs/start.md#the-demo",
    "docs/start.md",
    "docs/",
  ];
  expect(targets.map((target) => isBroken("README.md", target))).toEqual([true, true, true, false, false, false]);
});

test("every page of the documentation can be reached from its map", () => {
  const reached = new Set(["docs/README.md"]);
  for (const page of reached) {
    if (!page.startsWith("docs/") || !page.endsWith(".md")) continue;
    for (const target of linksOf(page)) reached.add(relative(".", join(dirname(page), target.split("#")[0]!)));
  }
  expect(PAGES.filter((path) => path.startsWith("docs/") && !reached.has(path))).toEqual([]);
});

test("every guide says where to go next", () => {
  const guides = PAGES.filter((path) => path.startsWith("docs/guides/"));
  expect(guides.filter((path) => !/^Next: .*\]\(/.test(textOf(path).trimEnd().split("\n").at(-1)!))).toEqual([]);
});

test("files of the source that pages name are there", () => {
  const files = [...new Bun.Glob("{src,test,sdk,bench,scripts}/**/*.{ts,mjs}").scanSync(repositoryPath)];
  const missing = PAGES.filter((path) => /^(?:ARCHITECTURE|CONTRIBUTING|docs\/internals\/.*)\.md$/.test(path)).flatMap(
    (path) =>
      [...textOf(path).matchAll(/`([\w./-]+\.(?:ts|mjs))`/g)]
        .map(([, name]) => name!)
        .filter((name) => !files.some((file) => `/${file}`.endsWith(`/${name}`)))
        .map((name) => `${path}: ${name}`),
  );
  expect(missing).toEqual([]);
});

/** `workers.count`, `routes[].cors`, `apps.shop.php.ini`: what a page writes as an option. */
const OPTION = /`((?:\w+(?:\[\])?\.)+\w+)`/g;

/** Options of RoadRunner, whose guide says what becomes of them. */
const FOREIGN_OPTIONS = new Set(["server.command", "server.env", "server.group", "server.relay", "server.user"]);

test("options that pages name are options", () => {
  const reference = readFileSync(join(repositoryPath, "docs/reference/config.md"), "utf8");
  const names = [...reference.matchAll(/^##+ `([^`]+)`/gm)].flatMap(([, name]) => withParents(name!));
  const sections = new Set(names.map((name) => name.split(/[.[]/, 1)[0]!));
  const isKnown = (name: string): boolean => names.includes(name.replace(/^apps\.\w+\./, ""));
  const unknown = PAGES.filter((path) => path.startsWith("docs/guides/") || path === "README.md").flatMap((path) =>
    [...textOf(path).matchAll(OPTION)]
      .map(([, name]) => name!)
      .filter((name) => sections.has(name.split(/[.[]/, 1)[0]!) && !/\.(?:md|ts|php|py|json|yaml)$/.test(name))
      .filter((name) => !isKnown(name) && !FOREIGN_OPTIONS.has(name))
      .map((name) => `${path}: ${name}`),
  );
  expect(unknown).toEqual([]);
});

/** `a`, `a.b` and `a.b.c` for `a.b.c`. */
function withParents(name: string): readonly string[] {
  const parts = name.split(".");
  return parts.map((_, index) => parts.slice(0, index + 1).join("."));
}
