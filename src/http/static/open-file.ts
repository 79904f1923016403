import { closeSync } from "node:fs";

import type { Representation } from "./representation.ts";

/** A file that is being sent. Whoever holds it closes it, once. */
export class OpenFile implements Disposable {
  readonly fd: number;
  /** Its state when it was opened. */
  readonly representation: Representation;
  #isClosed = false;

  constructor(fd: number, representation: Representation) {
    this.fd = fd;
    this.representation = representation;
  }

  [Symbol.dispose](): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    closeSync(this.fd);
  }
}
