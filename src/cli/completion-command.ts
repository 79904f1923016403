import { EXIT_CODE } from "../base/exit-code.ts";
import { quote } from "../base/printable.ts";
import type { Command, CommandGroup } from "./command.ts";
import { HELP_FLAG } from "./render-help.ts";
import { UsageError } from "./usage-error.ts";

const SHELLS = ["bash", "zsh"];

/** zsh runs what was written for bash once it is asked to. */
const FOR_ZSH = "autoload -Uz bashcompinit && bashcompinit\n";

/** @param groups the commands that are completed; asked for when the command runs, for it is one of them. */
export function createCompletionCommand(groups: () => readonly CommandGroup[]): Command {
  return {
    name: "completion",
    summary: "Print what completes commands and flags in a shell",
    description:
      'Prints a script for bash or zsh. In the file that the shell reads at its start: eval "$(vilya completion bash)"',
    positionals: "SHELL",
    flags: [],
    async run({ positionals: [shell], terminal }) {
      if (shell === undefined || !SHELLS.includes(shell)) {
        const state = shell === undefined ? "no shell is given" : `there is none for ${quote(shell)}`;
        throw new UsageError(
          `Cannot print a completion: ${state}, one of ${SHELLS.join(", ")} is allowed`,
          "try: vilya completion bash",
        );
      }
      const commands = groups().flatMap((group) => group.commands);
      terminal.out((shell === "zsh" ? FOR_ZSH : "") + renderCompletion(commands));
      return EXIT_CODE.ok;
    },
  };
}

/** A function of bash's: the first word of a command, its second where it has one, then its flags. What is none of these is a file. */
function renderCompletion(commands: readonly Command[]): string {
  const firstWords = [...new Set(commands.map(({ name }) => name.split(" ")[0]!))];
  const cases = commands.map(({ name, flags }) => `    ${pattern(name)}) words="${flagsOf(flags)}" ;;`);
  const groups = firstWords
    .map((first) => [first, commands.filter(({ name }) => name.startsWith(`${first} `))] as const)
    .filter(([, members]) => members.length > 0)
    .map(
      ([first, members]) => `    ${first}:2:*) words="${members.map(({ name }) => name.split(" ")[1]).join(" ")}" ;;`,
    );
  return `_vilya() {
  local current="\${COMP_WORDS[COMP_CWORD]}" words=""
  case "\${COMP_WORDS[1]}:$COMP_CWORD:\${COMP_WORDS[2]}" in
    *:1:*) words="${firstWords.join(" ")}" ;;
${[...groups, ...cases].join("\n")}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _vilya vilya
`;
}

/** What stands for a command in the case: its first word, and its second where it has two. */
function pattern(name: string): string {
  const [first, second = "*"] = name.split(" ");
  return `${first}:*:${second}`;
}

function flagsOf(flags: Command["flags"]): string {
  return [...flags, HELP_FLAG].map(({ name }) => `--${name}`).join(" ");
}
