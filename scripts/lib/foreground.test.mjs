import { describe, expect, test } from "bun:test";

const FOREGROUND_URL = new URL("./foreground.mjs", import.meta.url).href;

/** What is run in the foreground: it says which signals it got and ends with SIGTERM. */
const PROGRAM = `
  process.on("SIGINT", () => console.log("SIGINT"));
  process.on("SIGTERM", () => { console.log("SIGTERM"); process.exit(7); });
  setInterval(() => {}, 1000);
  console.log("ready", process.argv.slice(2).join("|"));
`;

describe("runInForeground", () => {
  test("passes a signal that comes twice on once, and returns the exit code", async () => {
    await using script = Bun.spawn(
      [
        "node",
        "--input-type=module",
        "--eval",
        `import { runInForeground } from ${JSON.stringify(FOREGROUND_URL)};
         process.exitCode = await runInForeground("node", ["--eval", ${JSON.stringify(PROGRAM)}, "--", "x", "a b", ""], { cwd: "/", repeatMsMin: 600_000 });`,
      ],
      { stdout: "pipe" },
    );
    let output = "";
    let phase = 0;
    for await (const chunk of script.stdout.pipeThrough(new TextDecoderStream())) {
      output += chunk;
      if (phase === 0 && output.includes("ready")) {
        phase = 1;
        script.kill("SIGINT");
        script.kill("SIGINT");
      } else if (phase === 1 && output.includes("SIGINT")) {
        phase = 2;
        script.kill("SIGINT");
        script.kill("SIGTERM");
      }
    }
    expect(output).toBe("ready a b|\nSIGINT\nSIGTERM\n");
    expect(await script.exited).toBe(7);
  });
});
