import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** A directory of a test's own, gone with all that is in it when it is disposed of. Its path is short, because those of sockets have to be. */
export class TemporaryDirectory implements Disposable {
  /** Absolute, without symbolic links in it. */
  readonly path: string = realpathSync(mkdtempSync(join(tmpdir(), "vt-")));

  /** @param files their texts by their names, which may lie in folders. */
  constructor(files: Readonly<Record<string, string>> = {}) {
    for (const [name, text] of Object.entries(files)) this.write(name, text);
  }

  /** The path of a name in it, whether there is such a file or not. */
  at(name: string): string {
    return join(this.path, name);
  }

  /** Writes a file, and the folders that it lies in; returns its path. */
  write(name: string, text: string | Uint8Array): string {
    const path = this.at(name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    return path;
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
