// `npm start`: installs what is missing, starts the demo and says what to try. What follows `npm start --` goes to `vilya serve`.
import { answersOn, chooseAdminPort, choosePort } from "./lib/demo.mjs";
import { runInForeground } from "./lib/foreground.mjs";
import { main } from "./lib/main.mjs";
import { ensureNpmPackages } from "./lib/npm-packages.mjs";
import { ensurePhp } from "./lib/php.mjs";
import { ensurePlainPython } from "./lib/python.mjs";
import { say } from "./lib/report.mjs";
import { inRepository, repositoryPath } from "./lib/repository.mjs";

await main(async () => {
  const args = process.argv.slice(2);
  await ensureNpmPackages();
  const php = await ensurePhp();
  const python = await ensurePlainPython();
  if (php.isUsable && php.hint) {
    say(
      `PHP ${php.version} has no ext-msgpack; the SDK's own code is used, which is slower. To install it: ${php.hint}`,
    );
  }
  /** @type {Record<string, string>} */
  const missing = {
    ...(!php.isUsable && php.hint && { php: php.hint }),
    ...(python.hint && { python: python.hint }),
  };
  for (const [app, hint] of Object.entries(missing))
    say(`The demo runs without its app ${app}. To install what it needs: ${hint}`);

  const { port, isChosen } = await choosePort(args);
  const portArgs = isChosen ? ["--port", String(port)] : [];
  // Needs a package that may have been installed just now.
  const { demoConfigFile } = await import("./lib/demo-config.mjs");
  return runInForeground(
    inRepository("bin", "vilya"),
    ["serve", "--config", demoConfigFile(missing), ...portArgs, ...args],
    {
      cwd: repositoryPath,
      environment: { DEMO_ADMIN_PORT: String(await chooseAdminPort()) },
      onStarted: async (hasExited) => {
        if (await answersOn(port, hasExited)) introduce(port, missing);
      },
    },
  );
});

/**
 * @param {number} port
 * @param {Readonly<Record<string, string>>} missing
 */
function introduce(port, missing) {
  const origin = `http://127.0.0.1:${port}`;
  const commands = [
    ...("php" in missing ? [] : [`curl ${origin}/php/hello/Ada`]),
    ...("python" in missing ? [] : [`curl ${origin}/py/hello/Ada`]),
    `curl ${origin}/ts/hello/Ada`,
    `curl -F file=@package.json ${origin}/ts/upload`,
    `curl -N ${origin}/ts/events`,
    `curl ${origin}/health`,
  ];
  say(
    [
      "",
      `The demo is at ${origin}: apps, a page and a chat from one configuration.`,
      "Open it, or try:",
      ...commands.map((command) => `  ${command}`),
      "Stop it with Ctrl-C.",
      "",
    ].join("\n"),
  );
}
