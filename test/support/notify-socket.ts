import { dlopen } from "bun:ffi";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { libc } from "../../src/kernel/libc.ts";
import { AF_UNIX, encodeUnixSockaddr } from "../../src/kernel/sockaddr.ts";

const SOCK_DGRAM_NONBLOCK = 2 | 0o4000;
const MESSAGE_BYTES_MAX = 4096;

const { recv } = dlopen("libc.so.6", {
  recv: { args: ["i32", "ptr", "u64", "i32"], returns: "i64" },
}).symbols;

/** The receiving end of sd_notify(3): a Unix socket for datagrams, as a service manager has one. */
export class NotifySocket implements Disposable {
  readonly path: string;
  readonly #directory: string;
  readonly #fd: number;
  readonly #received: string[] = [];

  constructor() {
    this.#directory = mkdtempSync(join(tmpdir(), "vn-"));
    this.path = join(this.#directory, "notify");
    this.#fd = libc().socket(AF_UNIX, SOCK_DGRAM_NONBLOCK, 0);
    const address = encodeUnixSockaddr(this.path)!;
    libc().bind(this.#fd, address.bytes, address.bytes.length);
  }

  /** All messages so far, oldest first. */
  get messages(): readonly string[] {
    const bytes = Buffer.alloc(MESSAGE_BYTES_MAX);
    for (;;) {
      const length = Number(recv(this.#fd, bytes, bytes.length, 0));
      if (length < 0) return this.#received;
      this.#received.push(bytes.toString("utf8", 0, length));
    }
  }

  [Symbol.dispose](): void {
    libc().close(this.#fd);
    rmSync(this.#directory, { recursive: true });
  }
}
