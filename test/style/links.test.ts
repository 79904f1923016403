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
