// `npm start`: installs what is missing, starts the demo and says what to try. What follows `npm start --` goes to `vilya serve`.
import { answersOn, choosePort } from "./lib/demo.mjs";
import { runInForeground } from "./lib/foreground.mjs";
import { main } from "./lib/main.mjs";
import { ensureNpmPackages } from "./lib/npm-packages.mjs";
import { ensurePhp } from "./lib/php.mjs";
import { say } from "./lib/report.mjs";
import { inRepository, repositoryPath } from "./lib/repository.mjs";

const STUB_PATHS = ["/", "/health"];
const PHP_PATHS = ["/", "/hello/Ada", "/slow?ms=300", "/health"];

await main(async () => {
  const args = process.argv.slice(2);
  await ensureNpmPackages();
  const php = await ensurePhp();
  if (php.hint) {
    say(
      php.isUsable
        ? `PHP ${php.version} has no ext-msgpack; the SDK's own code is used, which is slower. To install it: ${php.hint}`
        : `${php.version ? `PHP ${php.version} is too old` : "There is no PHP"}, so the demo answers without it. To install it: ${php.hint}`,
    );
  }

  const { port, isChosen } = await choosePort(args);
  const config = php.isUsable ? "vilya.yaml" : "vilya.stub.yaml";
  const portArgs = isChosen ? ["--port", String(port)] : [];
  return runInForeground(
    inRepository("bin", "vilya"),
    ["serve", "-config", inRepository("examples", "demo", config), ...portArgs, ...args],
    {
      cwd: repositoryPath,
      onStarted: async (hasExited) => {
        if (await answersOn(port, hasExited)) introduce(port, php.isUsable ? php.version : undefined);
      },
    },
  );
});

/**
 * @param {number} port
 * @param {string | undefined} phpVersion undefined when the front answers by itself.
 */
function introduce(port, phpVersion) {
  const origin = `http://127.0.0.1:${port}`;
  const served = phpVersion
    ? `examples/php/worker.php, kept warm by PHP ${phpVersion}`
    : "the front alone: it answers by itself, there is no PHP behind it";
  const commands = (phpVersion ? PHP_PATHS : STUB_PATHS).map((path) => `  curl '${origin}${path}'`);
  if (phpVersion) commands.push(`  curl -d 'some text' '${origin}/echo'`);
  const chat = phpVersion
    ? ["A chat over WebSocket: npm run vilya -- serve -config examples/chat/vilya.yaml, then http://localhost:8080/"]
    : [];
  say(
    [
      "",
      `Vilya listens on ${origin} and serves ${served}.`,
      "Try:",
      ...commands,
      ...chat,
      "Stop it with Ctrl-C.",
      "",
    ].join("\n"),
  );
}
