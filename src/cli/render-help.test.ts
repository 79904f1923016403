import { describe, expect, test } from "bun:test";
import type { Command } from "./command.ts";
import { renderCommandHelp, renderOverview } from "./render-help.ts";

const COMMAND: Command = {
  name: "sing",
  summary: "Sing a song",
  description: "Sings one song.",
  positionals: "SONG",
  flags: [
    { name: "loud", summary: "Sing so that it is heard" },
    { name: "key", short: "k", value: "KEY", summary: "Sing in this key" },
  ],
  run: async () => 0,
};

describe("renderCommandHelp", () => {
  test("says what it does, how to type it, and what its flags mean", () => {
    expect(renderCommandHelp(COMMAND)).toBe(`Sings one song.

Usage: vilya sing SONG [FLAGS]

Flags:
      --loud     Sing so that it is heard
  -k, --key KEY  Sing in this key
  -h, --help     Print this help
`);
  });
});

describe("renderOverview", () => {
  test("lists the commands by what they are for, all in one column", () => {
    const whistle = { ...COMMAND, name: "whistle", summary: "Whistle a song" };
    const text = renderOverview([
      { title: "With words", commands: [COMMAND] },
      { title: "Without", commands: [whistle] },
    ]);
    expect(text).toContain("\nWith words:\n  sing     Sing a song\n\nWithout:\n  whistle  Whistle a song\n\nEach");
  });
});
