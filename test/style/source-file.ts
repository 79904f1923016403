import { dirname, join, relative } from "node:path";

/** The checkout, wherever it is. */
export const repositoryPath: string = join(import.meta.dir, "..", "..");

/** One import or re-export of a module, type-only ones included: a type from above is a dependency, too. */
export interface ModuleImport {
  readonly line: number;
  /** What is imported, as written: `import { isIP } from`. */
  readonly clause: string;
  /** As written: `./arena.ts`, `node:path`, `yaml`. */
  readonly specifier: string;
  /** The imported file from the root of the checkout; undefined for packages and built-in modules. */
  readonly path: string | undefined;
}

/** A text file of the checkout as the style suite looks at it. */
export interface SourceFile {
  /** From the root of the checkout: `src/kernel/arena.ts`. */
  readonly path: string;
  readonly text: string;
  /** `text` with comments and the insides of strings blanked, line for line: what is left is code. */
  readonly code: string;
  readonly imports: readonly ModuleImport[];
}

/** A place that breaks a rule, written as compilers do so that editors can jump to it. */
export type Offence = `${string}:${number}: ${string}`;

/** Comments, and strings with their quotes. A quote inside a regular expression may end a match early: rare, and seen. */
const COMMENT_OR_STRING = /\/\*[\s\S]*?\*\/|\/\/[^\n]*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\[\s\S]|[^`\\])*`/g;

const IMPORT = /^(?:import|export)\b[^"';]*?\bfrom\s*"([^"]+)"|^import\s*"([^"]+)"|\bimport\(\s*"([^"]+)"/gm;

/**
 * Reads the files that match any of the globs, in the order of their paths. Hidden folders and `node_modules` are not looked into.
 */
export async function readSourceFiles(...globs: readonly string[]): Promise<readonly SourceFile[]> {
  const paths = new Set<string>();
  for (const glob of globs) {
    for await (const path of new Bun.Glob(glob).scan({ cwd: repositoryPath })) {
      if (!/(?:^|\/)(?:node_modules|vendor|dist)\//.test(path)) paths.add(path);
    }
  }
  return Promise.all([...paths].toSorted().map(readSourceFile));
}

/** Whether the file is a test and may do what tests do. */
export function isTest(path: string): boolean {
  return path.endsWith(".test.ts") || path.startsWith("test/");
}

/** The places where `pattern` (global and multi-line) matches, each with the same advice. */
export function findOffences(file: SourceFile, text: string, pattern: RegExp, advice: string): readonly Offence[] {
  return [...text.matchAll(pattern)].map((match): Offence => {
    const found = match[0].trim().split("\n", 1)[0] ?? "";
    return `${file.path}:${lineAt(text, match.index)}: ${found}: ${advice}`;
  });
}

/** Takes a file apart; `path` is from the root of the checkout. */
export function parseSourceFile(path: string, text: string): SourceFile {
  return { path, text, code: text.replace(COMMENT_OR_STRING, blank), imports: findImports(path, text) };
}

async function readSourceFile(path: string): Promise<SourceFile> {
  return parseSourceFile(path, await Bun.file(join(repositoryPath, path)).text());
}

/** Keeps the quotes and the line breaks, so that lines and shapes stay where they were. */
function blank(match: string): string {
  if (match.startsWith("/")) return match.replace(/[^\n]/g, " ");
  return match[0] + match.slice(1, -1).replace(/[^\n]/g, " ") + match[0];
}

function findImports(path: string, text: string): readonly ModuleImport[] {
  return [...text.matchAll(IMPORT)].map((match) => {
    const specifier = match[1] ?? match[2] ?? match[3] ?? "";
    const target = specifier.startsWith(".")
      ? relative(repositoryPath, join(repositoryPath, dirname(path), specifier))
      : undefined;
    const clause = match[0].slice(0, match[0].indexOf('"')).trim();
    return { line: lineAt(text, match.index), clause, specifier, path: target };
  });
}

function lineAt(text: string, index: number): number {
  return text.slice(0, index).split("\n").length;
}
