import { accessSync, constants, readdirSync } from "node:fs";
import { delimiter, join } from "node:path";
import { excerpt, step } from "./report.mjs";
import { run } from "./run.mjs";
import { tryAgain } from "./try-again.mjs";

/**
 * What the project may need from the system's package manager, by the names each manager knows it under. Where names differ
 * between releases of a distribution, the sets are tried in turn.
 * @type {Record<"php" | "phpunit" | "phplibraries" | "python3" | "venv" | "ss" | "ps" | "faketime" | "chromium" | "h2load", Record<"apt-get" | "apk" | "dnf", readonly (readonly string[])[]>>}
 */
const PACKAGES = {
  php: {
    "apt-get": [["php-cli", "php-msgpack"]],
    apk: ["84", "83", "82", "81"].map((release) => [`php${release}`, `php${release}-pecl-msgpack`]),
    dnf: [["php-cli", "php-pecl-msgpack"], ["php-cli"]],
  },
  phpunit: {
    "apt-get": [["phpunit"]],
    apk: [],
    dnf: [["phpunit10"], ["phpunit9"], ["phpunit"]],
  },
  // What the bridges of sdk/php are tried with.
  phplibraries: {
    "apt-get": [["php-nyholm-psr7", "php-symfony-http-foundation"]],
    apk: [],
    dnf: [["php-nyholm-psr7", "php-symfony7-http-foundation"]],
  },
  python3: {
    "apt-get": [["python3"]],
    apk: [["python3"]],
    dnf: [["python3"]],
  },
  venv: {
    "apt-get": [["python3", "python3-venv"]],
    apk: [["python3"]],
    dnf: [["python3"]],
  },
  ss: {
    "apt-get": [["iproute2"]],
    apk: [["iproute2"]],
    dnf: [["iproute"]],
  },
  ps: {
    "apt-get": [["procps"]],
    apk: [["procps"]],
    dnf: [["procps-ng"]],
  },
  faketime: {
    "apt-get": [["faketime"]],
    apk: [["libfaketime"]],
    dnf: [["libfaketime"]],
  },
  h2load: {
    "apt-get": [["nghttp2-client"]],
    apk: [["nghttp2"]],
    dnf: [["nghttp2"]],
  },
  chromium: {
    "apt-get": [["chromium"]],
    apk: [["chromium"]],
    dnf: [["chromium"]],
  },
};

/** @typedef {"apt-get" | "apk" | "dnf"} Manager */
/** @typedef {keyof typeof PACKAGES} Need */

/** @type {Record<Need, string>} */
const HOW_WITHOUT_MANAGER = {
  php: "install PHP 8.1 or newer and ext-msgpack",
  phpunit: "install PHPUnit 9 or newer",
  phplibraries: "put nyholm/psr7 and symfony/http-foundation into PHP's include_path",
  python3: "install Python 3",
  venv: "install Python 3.10 or newer with venv",
  ss: "install iproute2",
  ps: "install procps",
  faketime: "install libfaketime",
  chromium: "install Chromium",
  h2load: "install nghttp2",
};

/** What apt-get needs to be told so that it tries a download again, as dnf does, and waits while somebody else installs. */
const APT_PATIENCE = ["-o", "Acquire::Retries=3", "-o", "DPkg::Lock::Timeout=120"];

const INSTALL_ARGS = {
  "apt-get": ["install", "--yes", "--no-install-recommends"],
  apk: ["add", "--no-progress"],
  dnf: ["install", "--assumeyes", "--setopt=install_weak_deps=False"],
};

/**
 * Installs what `need` stands for, where a package manager is there and may be used without asking anybody for a password.
 * @param {Need} need
 * @returns {Promise<boolean>} whether it was installed; a failure has been printed, and `howToInstall` says what is left to do.
 */
export async function installSystemPackages(need) {
  const manager = findManager();
  if (manager === undefined || PACKAGES[need][manager].length === 0) return false;
  const prefix = await privilegePrefix();
  if (prefix === undefined) return false;

  for (const names of PACKAGES[need][manager]) {
    const { exitCode } = await step(
      `Installing ${names.join(", ")} (${manager})`,
      () => install(manager, prefix, names),
      ({ exitCode, output }) => ({ isPassed: exitCode === 0, details: exitCode === 0 ? "" : excerpt(output, 5) }),
    );
    if (exitCode === 0) return true;
  }
  return false;
}

/**
 * Makes sure that a program which is called like its need can be run.
 * @param {Exclude<Need, "php" | "phplibraries" | "venv">} program
 * @returns {Promise<boolean>} whether it is there now.
 */
export async function ensureProgram(program) {
  return isOnPath(program) || ((await installSystemPackages(program)) && isOnPath(program));
}

/**
 * The command a user types to install what `need` stands for.
 * @param {Need} need
 */
export function howToInstall(need) {
  const manager = findManager();
  const names = manager && PACKAGES[need][manager][0];
  if (!names) return HOW_WITHOUT_MANAGER[need];
  const refresh = manager === "apt-get" ? "sudo apt-get update && " : "";
  return `${refresh}sudo ${manager} ${INSTALL_ARGS[manager][0]} ${names.join(" ")}`;
}

/**
 * @param {Manager} manager
 * @param {readonly string[]} prefix
 * @param {readonly string[]} names
 */
async function install(manager, prefix, names) {
  const environment = { DEBIAN_FRONTEND: "noninteractive" };
  /** @param {readonly string[]} args */
  const runManager = (args) => {
    const [command = manager, ...rest] = [...prefix, manager, ...args];
    return run(command, rest, { environment });
  };
  const installArgs = [...INSTALL_ARGS[manager], ...names];

  if (manager === "dnf") return runManager(installArgs);
  if (manager === "apk") return tryAgain(() => runManager(installArgs), isDone);
  // Images come without package lists, and old lists name versions that the mirrors no longer have.
  if (hasAptLists()) {
    const outcome = await runManager([...APT_PATIENCE, ...installArgs]);
    if (isDone(outcome)) return outcome;
  }
  const update = await runManager([...APT_PATIENCE, "update"]);
  return isDone(update) ? runManager([...APT_PATIENCE, ...installArgs]) : update;
}

/** @param {import("./run.mjs").Outcome} outcome of a command of the package manager. */
const isDone = ({ exitCode }) => exitCode === 0;

function hasAptLists() {
  try {
    return readdirSync("/var/lib/apt/lists").some((name) => name.includes("_Packages"));
  } catch {
    return false;
  }
}

/** @returns {Manager | undefined} */
function findManager() {
  return /** @type {const} */ (["apt-get", "apk", "dnf"]).find(isOnPath);
}

/**
 * What has to stand before a command for it to run as root; undefined when that needs a password.
 * @returns {Promise<readonly string[] | undefined>}
 */
async function privilegePrefix() {
  if (process.getuid?.() === 0) return [];
  if (isOnPath("sudo") && (await run("sudo", ["-n", "true"])).exitCode === 0) return ["sudo", "-n"];
  return undefined;
}

/** @param {string} program */
function isOnPath(program) {
  return (process.env.PATH ?? "").split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
