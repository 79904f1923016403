import { describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { TESTED_ELSEWHERE } from "./tested-elsewhere.ts";
import { findOffences, isTest, type Offence, readSourceFiles, repositoryPath, type SourceFile } from "./source-file.ts";

/** Past this a file is probably two things. */
const LINE_COUNT_MAX = 400;

/** Up to this a file may be a part of one that is tested. */
const LEANING_LINE_COUNT_MAX = 120;

/** Where `export *` is a service to the reader and not a detour. */
const PUBLIC_ENTRY_POINTS = new Set(["sdk/typescript/src/index.ts"]);

const typescript = await readSourceFiles("{src,test,bench,sdk,examples}/**/*.ts");
const scripts = await readSourceFiles("scripts/**/*.mjs", "{bin,.ci}/*");
const php = await readSourceFiles("{sdk,examples,test}/**/*.php");
const python = await readSourceFiles("{sdk,examples,test}/**/*.py");
const texts = await readSourceFiles("*.{md,json,jsonc,yaml}", "{docs,spec,examples,bench}/**/*.{md,json,yaml,sh}");
const everything = [...typescript, ...scripts, ...php, ...python, ...texts];
const programs = typescript.filter((file) => file.path.startsWith("src/") && !isTest(file.path));

interface Rule {
  readonly title: string;
  readonly files: readonly SourceFile[];
  readonly pattern: RegExp;
  readonly advice: string;
  /** Looks at comments and strings, too. Default: at code only. */
  readonly isOfText?: boolean;
}

const RULES: readonly Rule[] = [
  {
    title: "nothing is left to do",
    files: [...typescript, ...scripts, ...php, ...python],
    pattern: /\b(?:TO[D]O|FIX[M]E|X[X]X|HA[C]K)\b/g,
    advice: "do it, or open an issue",
    isOfText: true,
  },
  {
    title: "no test is skipped, put off or singled out",
    files: typescript,
    pattern: /\b(?:test|it|describe)\.(?:only|skip|todo|if|skipIf|todoIf)\b/g,
    advice: "make it pass, or delete it",
  },
  {
    title: "no enum and no namespace",
    files: typescript,
    pattern: /^\s*(?:export )?(?:const )?(?:enum|namespace) /gm,
    advice: "use a string union or an `as const` object",
  },
  {
    // What an app exports is what a user would write.
    title: "no default export",
    files: typescript.filter((file) => !/^(?:examples|bench\/apps|test\/support\/apps)\//.test(file.path)),
    pattern: /^export default\b/gm,
    advice: "name it",
  },
  {
    title: "no barrel and no detour",
    files: typescript.filter((file) => !PUBLIC_ENTRY_POINTS.has(file.path)),
    pattern: /^export (?:type )?(?:\*|\{[^}]*\} from\b)/gm,
    advice: "import from the file that declares the symbol",
  },
  {
    title: "private members are private at run time",
    files: typescript,
    pattern: /^\s+(?:private|public)\b/gm,
    advice: "write #name for private members and nothing for public ones",
  },
  {
    // A type named …Options says it in its members.
    title: "every exported function and type says what its name does not",
    files: programs,
    pattern: /(?<!\*\/\n)^export (?:async |abstract )?(?:function|class|interface|type) (?!\w+Options\b|\{).*$/gm,
    advice: "put a doc comment before it: units, limits, errors, the clause of the specification",
    isOfText: true,
  },
  {
    title: "no home folder of one machine",
    files: everything,
    pattern: /\/(?:home|Users)\/[A-Za-z]/g,
    advice: "name it from the root of the checkout, or use a temporary folder",
    isOfText: true,
  },
];

describe("House style", () => {
  test.each(RULES)("$title", ({ files, pattern, advice, isOfText = false }) => {
    const offences = files.flatMap((file) => findOffences(file, isOfText ? file.text : file.code, pattern, advice));
    expect(offences).toEqual([]);
  });

  test(`no file has more than ${LINE_COUNT_MAX} lines`, () => {
    const offences = [...typescript, ...scripts, ...php, ...python]
      .filter((file) => lineCount(file) > LINE_COUNT_MAX)
      .map((file): Offence => `${file.path}:${LINE_COUNT_MAX}: ${lineCount(file)} lines: find the two things in it`);
    expect(offences).toEqual([]);
  });

  test("every file with logic is run by a test, and a large one has a test beside it", () => {
    const reached = filesReachedByTests(typescript);
    const offences = programs.flatMap((file): readonly Offence[] => {
      const testPath = file.path.replace(/\.ts$/, ".test.ts");
      const hasTestBeside = existsSync(join(repositoryPath, testPath));
      if (Object.hasOwn(TESTED_ELSEWHERE, file.path)) {
        return hasTestBeside ? [`${file.path}:1: it has a test beside it: take it off tested-elsewhere.ts`] : [];
      }
      const mayLeanOnNeighbours = lineCount(file) <= LEANING_LINE_COUNT_MAX && reached.has(file.path);
      if (hasTestBeside || mayLeanOnNeighbours || !hasLogic(file)) return [];
      return [`${file.path}:1: write ${testPath}, or say in tested-elsewhere.ts which suite runs it`];
    });
    expect(offences).toEqual([]);
  });

  test("the list of what is tested elsewhere names files that exist", () => {
    const paths = Object.entries(TESTED_ELSEWHERE).flat();
    expect(paths.filter((path) => !existsSync(join(repositoryPath, path)))).toEqual([]);
  });
});

/** The files of `src/` that tests run: what they import, and from there on what stays in the same folder under `src/`. */
function filesReachedByTests(files: readonly SourceFile[]): ReadonlySet<string> {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const reached = new Set<string>();
  const visit = (path: string): void => {
    if (reached.has(path)) return;
    reached.add(path);
    for (const { path: imported } of byPath.get(path)?.imports ?? []) {
      if (imported !== undefined && (isTest(path) || topFolderOf(imported) === topFolderOf(path))) visit(imported);
    }
  };
  for (const { path } of files) if (path.endsWith(".test.ts")) visit(path);
  return reached;
}

/** `src/protocols` for `src/protocols/http1/limits.ts`. */
function topFolderOf(path: string): string {
  return path.split("/", 2).join("/");
}

function lineCount(file: SourceFile): number {
  return file.text.trimEnd().split("\n").length;
}

/** Code that decides or repeats something. Types, constants and error classes have nothing to get wrong. */
function hasLogic(file: SourceFile): boolean {
  const types = /^(?:export )?interface\b[\s\S]*?^\}|^(?:export )?type\b[^;]*;/gm;
  return /\b(?:if|for|while|switch|catch)\s*\(|=> (?!\{\})|\?\s/.test(file.code.replace(types, ""));
}
