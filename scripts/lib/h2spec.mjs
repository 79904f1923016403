import { accessSync, constants } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";

/** How to get it. It is not installed unasked: with Go it takes some 200 MB for one suite of a second. */
export const HOW_TO_INSTALL_H2SPEC = "go install github.com/summerwind/h2spec/cmd/h2spec@latest";

/**
 * Where h2spec is, in PATH or where `go install` puts it.
 * @param {Readonly<Record<string, string | undefined>>} [environment]
 * @returns {string | null} null when it is not installed.
 */
export function findH2spec(environment = process.env) {
  const { PATH = "", GOBIN = "", GOPATH = "", HOME = homedir() } = environment;
  const goFolders = [GOBIN, GOPATH && join(GOPATH, "bin"), join(HOME, "go/bin")];
  const paths = [...PATH.split(delimiter), ...goFolders].filter(Boolean).map((folder) => join(folder, "h2spec"));
  return paths.find(isProgram) ?? null;
}

/** @param {string} path */
function isProgram(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
