// `npm start`: installs what is missing, starts the demo and says what to try. What follows `npm start --` goes to `vilya serve`.
import { answersOn, chooseAdminPort, choosePort } from "./lib/demo.mjs";
import { runInForeground } from "./lib/foreground.mjs";
import { main } from "./lib/main.mjs";
import { ensureNpmPackages } from "./lib/npm-packages.mjs";
import { ensurePhp } from "./lib/php.mjs";
import { say } from "./lib/report.mjs";
import { inRepository, repositoryPath } from "./lib/repository.mjs";

await main(async () => {
  const args = process.argv.slice(2);
  await ensureNpmPackages();
  const php = await ensurePhp();
  if (php.hint) {
    say(
      php.isUsable
        ? `PHP ${php.version} has no ext-msgpack; the SDK's own code is used, which is slower. To install it: ${php.hint}`
        : `${php.version ? `PHP ${php.version} is too old` : "There is no PHP"}, so the demo runs without its PHP app. To install it: ${php.hint}`,
    );
  }

  const { port, isChosen } = await choosePort(args);
  const adminPort = await chooseAdminPort();
  const config = php.isUsable ? "vilya.yaml" : "without-php.yaml";
  const portArgs = isChosen ? ["--port", String(port)] : [];
  return runInForeground(
    inRepository("bin", "vilya"),
    ["serve", "--config", inRepository("examples", "demo", config), ...portArgs, ...args],
    {
      cwd: repositoryPath,
      environment: { DEMO_ADMIN_PORT: String(adminPort), ...(php.hint && { DEMO_PHP_HINT: php.hint }) },
      onStarted: async (hasExited) => {
        if (await answersOn(port, hasExited)) introduce(port, { hasPhp: php.isUsable });
      },
    },
  );
});

/**
 * @param {number} port
 * @param {{ hasPhp: boolean }} served
 */
function introduce(port, { hasPhp }) {
  const origin = `http://127.0.0.1:${port}`;
  const commands = [
    ...(hasPhp ? [`curl ${origin}/php/hello/Ada`] : []),
    `curl ${origin}/ts/hello/Ada`,
    `curl -T package.json ${origin}/ts/upload`,
    `curl -N ${origin}/ts/events`,
    `curl ${origin}/health`,
  ];
  say(
    [
      "",
      `The demo is at ${origin}: ${hasPhp ? "a PHP app, " : ""}a TypeScript app, a page and a chat from one configuration.`,
      "Open it, or try:",
      ...commands.map((command) => `  ${command}`),
      "Stop it with Ctrl-C.",
      "",
    ].join("\n"),
  );
}
