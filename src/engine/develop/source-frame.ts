import { readFileSync, statSync } from "node:fs";
import { isAbsolute, relative } from "node:path";
import { fileURLToPath } from "node:url";

import { isIgnoredPath } from "./ignored-path.ts";

/** Lines shown before and behind the one that is meant. */
const LINES_AROUND = 4;

const FILE_BYTES_MAX = 1024 * 1024;

/** Places looked at: what is deeper in a stack is not where the mistake is. */
const PLACE_COUNT_MAX = 50;

/** How JavaScript, PHP and Python name a line of a file in a stack. */
const PLACE =
  /File "(?<python>\/[^"\n]+)", line (?<pythonLine>\d+)|(?<js>(?:file:\/\/)?\/[^\s():]+):(?<jsLine>\d+):\d+|(?<php>\/[^\s():]+\.php)(?:\((?<phpLine>\d+)\)|:(?<phpColonLine>\d+)| on line (?<phpOnLine>\d+))/g;

/** A line of the app's own code, and those around it. */
export interface SourceFrame {
  /** Relative to the folder of the instance where it is below. */
  readonly path: string;
  /** From 1. */
  readonly line: number;
  readonly lines: readonly { readonly number: number; readonly text: string }[];
}

/**
 * The place in a stack that is the app's own: not in a package, below one of `folders`, and there to be read. In a Python stack the last one is
 * the innermost, in others the first.
 */
export function findSourceFrame(stack: string, folders: readonly string[]): SourceFrame | null {
  const places = [...stack.matchAll(PLACE)].slice(0, PLACE_COUNT_MAX);
  if (places[0]?.groups?.["python"] !== undefined) places.reverse();
  for (const { groups = {} } of places) {
    const { python, js, php, pythonLine, jsLine, phpLine, phpColonLine, phpOnLine } = groups;
    const named = python ?? js ?? php ?? "";
    const path = named.startsWith("file://") ? fileURLToPath(named) : named;
    const line = Number(pythonLine ?? jsLine ?? phpLine ?? phpColonLine ?? phpOnLine);
    const frame = readFrame(path, line, folders);
    if (frame !== null) return frame;
  }
  return null;
}

function readFrame(path: string, line: number, folders: readonly string[]): SourceFrame | null {
  const folder = folders.find((each) => isOwn(relative(each, path)));
  if (folder === undefined) return null;
  try {
    const { size } = statSync(path);
    if (size > FILE_BYTES_MAX) return null;
    const all = readFileSync(path, "utf8").split("\n");
    if (line < 1 || line > all.length) return null;
    const first = Math.max(1, line - LINES_AROUND);
    const lines = all.slice(first - 1, line + LINES_AROUND).map((text, index) => ({ number: first + index, text }));
    return { path: relative(folder, path), line, lines };
  } catch {
    return null;
  }
}

function isOwn(inside: string): boolean {
  return inside !== "" && !inside.startsWith("..") && !isAbsolute(inside) && !isIgnoredPath(inside);
}
