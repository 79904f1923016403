let wrapper: readonly string[] | null = null;

/**
 * The command that runs another one so that it is killed when its parent dies, for whatever reason (`PR_SET_PDEATHSIG`): words to put
 * before it; none where the system has no such command. It replaces itself by the other one, which keeps its process id and arguments.
 *
 * The first call tries it, and takes some milliseconds.
 */
export function parentDeathWrapper(): readonly string[] {
  return (wrapper ??= isUsable(SETPRIV) ? SETPRIV : []);
}

/** util-linux; the one of busybox does not know the option. */
const SETPRIV = ["setpriv", "--pdeathsig", "KILL", "--"] as const;

function isUsable(command: readonly string[]): boolean {
  try {
    return Bun.spawnSync([...command, "true"], { stdin: "ignore", stdout: "ignore", stderr: "ignore" }).exitCode === 0;
  } catch {
    return false;
  }
}
