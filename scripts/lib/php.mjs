import { run } from "./run.mjs";
import { howToInstall, installSystemPackages } from "./system-packages.mjs";

/** PHP 8.1: the first release the SDK runs on, as PHP_VERSION_ID writes it. */
const VERSION_ID_MIN = 80_100;

/**
 * The PHP on PATH. `isUsable` when it is new enough for the SDK; `hint` says what to type where something is missing.
 * @typedef {{ version: string | undefined, isUsable: boolean, hasMsgpack: boolean, hint: string | undefined }} Php
 */

/**
 * Looks for PHP with ext-msgpack and installs what is missing where it may. The extension is for speed only: without it the
 * SDK's own MessagePack code is used, so its absence leaves PHP usable.
 * @returns {Promise<Php>}
 */
export async function ensurePhp() {
  const before = await probePhp();
  if (before.isUsable && before.hasMsgpack) return before;
  return (await installSystemPackages("php")) ? probePhp() : before;
}

/**
 * Looks for the libraries that the bridges of the SDK are tried with, and installs them where it may. Without them the tests of the bridges
 * are skipped.
 */
export async function ensurePhpLibraries() {
  const libraries = ["Nyholm/Psr7", "Symfony/Component/HttpFoundation"];
  const found = libraries.map((path) => `stream_resolve_include_path("${path}/autoload.php")`).join(" && ");
  const { exitCode } = await run("php", ["-r", `exit(${found} ? 0 : 1);`]);
  if (exitCode !== 0) await installSystemPackages("phplibraries");
}

/** @returns {Promise<Php>} */
async function probePhp() {
  const { exitCode, output } = await run("php", [
    "-r",
    'echo PHP_VERSION_ID, " ", PHP_VERSION, " ", extension_loaded("msgpack") ? "yes" : "no";',
  ]);
  // Startup warnings about other extensions come first; the answer is the last line.
  const match = exitCode === 0 ? /(\d+) (\S+) (yes|no)$/.exec(output) : null;
  if (!match) {
    return { version: undefined, isUsable: false, hasMsgpack: false, hint: howToInstall("php") };
  }
  const isUsable = Number(match[1]) >= VERSION_ID_MIN;
  const hasMsgpack = match[3] === "yes";
  return {
    version: match[2],
    isUsable,
    hasMsgpack,
    hint: isUsable && hasMsgpack ? undefined : howToInstall("php"),
  };
}
