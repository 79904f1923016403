import { describe, expect, test } from "bun:test";
import { fakeConfigSystem } from "../../test/support/fake-config-system.ts";
import { FakeTerminal } from "../../test/support/fake-terminal.ts";
import { EXIT_CODE } from "../base/exit-code.ts";
import { runCommandLine } from "./run-command-line.ts";

async function run(...args: readonly string[]) {
  const terminal = new FakeTerminal();
  const code = await runCommandLine(args, terminal, fakeConfigSystem());
  return { code, out: terminal.outText, err: terminal.errText };
}

/** What a real bash offers for the last of these words. */
async function offered(...words: readonly string[]): Promise<readonly string[]> {
  const { out } = await run("completion", "bash");
  const quoted = ["vilya", ...words].map((word) => `'${word}'`).join(" ");
  const script = `${out}COMP_WORDS=(${quoted}); COMP_CWORD=${words.length}; _vilya; printf '%s\\n' "\${COMPREPLY[@]}"`;
  await using bash = Bun.spawn(["bash", "-c", script], { stdout: "pipe", stderr: "inherit" });
  return (await bash.stdout.text()).split("\n").filter((word) => word !== "");
}

describe("vilya completion", () => {
  test.each([
    [["rel"], ["reload"]],
    [["s"], ["serve", "status", "scale", "stop"]],
    [
      ["config", "s"],
      ["show", "schema"],
    ],
    [["config", "check", "--p"], ["--port"]],
    [["logs", "--f"], ["--follow"]],
    [["status", "shop", "--j"], ["--json"]],
    [["zzz", ""], []],
  ])("offers for %j", async (words, expected) => {
    expect(await offered(...words)).toEqual(expected);
  });

  test("is the same in zsh, which is told to run it", async () => {
    const { out } = await run("completion", "bash");
    expect((await run("completion", "zsh")).out).toBe(`autoload -Uz bashcompinit && bashcompinit\n${out}`);
  });

  test.each([
    [[], "no shell is given"],
    [["fish"], 'there is none for "fish"'],
  ])("refuses %j", async (args, state) => {
    expect(await run("completion", ...args)).toEqual({
      code: EXIT_CODE.usage,
      out: "",
      err: `error: cannot print a completion: ${state}, one of bash, zsh is allowed\n  try: vilya completion bash\n`,
    });
  });
});
