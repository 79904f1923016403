import { readFileSync } from "node:fs";
import { join } from "node:path";

import { createAdminDispatch } from "../../admin/admin-handler.ts";
import type { AdminInstance } from "../../admin/admin-instance.ts";
import { LiveFeed } from "../../admin/live/live-feed.ts";
import { ConfigError } from "../../base/errors.ts";
import type { AdminConfig } from "../../config/config.ts";
import { adminHost, adminPort } from "../../config/options/admin-options.ts";
import type { ServerConfig } from "../../config/server-config.ts";
import type { Settings } from "../../config/settings.ts";
import { HttpListener } from "../../http/http-listener.ts";
import { bindSocket } from "../../kernel/bound-socket.ts";
import { raiseOpenFileLimit } from "../../kernel/process-control.ts";
import { ListenError } from "../../kernel/listen-error.ts";
import type { ListenAddress } from "../../kernel/listener.ts";
import { TimerWheel } from "../../kernel/timer-wheel.ts";
import type { LogTail } from "../../telemetry/log-tail.ts";
import type { Logger } from "../../telemetry/logger.ts";
import { connectionCountFor } from "../front/descriptor-share.ts";
import type { AdminAddress } from "../handover/handover-message.ts";
import { ListenRefusedError } from "../listeners/open-listener.ts";
import type { Handover } from "../handover/handover-taker.ts";

/** The socket of the command line, in the instance's directory. */
export const CONTROL_SOCKET_NAME = "control.sock";

/** What admin clients may take, so that none of them holds up the master: a thousand that say nothing still leave places for a probe. */
const CONNECTION_COUNT_MAX = 1_200;
const BODY_BYTES_MAX = 64 * 1024;
const BODY_MEMORY_BYTES_MAX = 4 * 1024 * 1024;
const DEADLINES = { headMs: 5_000, bodyMs: 5_000, idleMs: 20_000, writeMs: 10_000 } as const;

/** A token that is shorter can be guessed. */
const TOKEN_LENGTH_MIN = 16;

/** The token that guards the admin listener cannot be used. */
export class AdminTokenError extends ConfigError {
  override readonly code = "VILYA_ADMIN_TOKEN";
}

export interface AdminServerOptions {
  /** `null` for the control socket alone. */
  readonly config: AdminConfig | null;
  /** Where the configuration has its values from. */
  readonly settings: Settings;
  /** For the limits of HTTP itself. */
  readonly server: ServerConfig;
  /** The instance's own (0700). */
  readonly directory: string;
  readonly instance: AdminInstance;
  /** What the master before this one has handed over. */
  readonly inherited: Handover["admin"];
  readonly tail: LogTail;
  readonly log: Logger;
}

/** What operators, scrapers and the command line talk to, in the master: it answers until the last front is gone. */
export class AdminServer implements Disposable {
  readonly #listeners: readonly HttpListener[];
  readonly #feed: LiveFeed;
  /** The socket of the admin listener, and where it was asked to be; null when there is none. */
  readonly socket: { readonly address: AdminAddress; readonly fd: number } | null;

  constructor(listeners: readonly HttpListener[], feed: LiveFeed, socket: AdminServer["socket"]) {
    this.#listeners = listeners;
    this.#feed = feed;
    this.socket = socket;
  }

  /** Leaves the admin listener to the master that follows; the control socket stays, for who waits there for an answer. */
  handOver(): void {
    for (const listener of this.#listeners.slice(1)) listener.stopListening();
  }

  [Symbol.dispose](): void {
    this.#feed[Symbol.dispose]();
    for (const listener of this.#listeners) {
      listener.stopAccepting();
      listener.closeConnections();
    }
  }
}

/**
 * Opens the control socket, and the admin listener if there is to be one.
 *
 * @throws {AdminTokenError}
 * @throws {ListenRefusedError} when the address was asked for and cannot be bound; without one at its default the engine goes on.
 */
export async function openAdminServer(options: AdminServerOptions): Promise<AdminServer> {
  const { config, settings, directory, instance, inherited, tail, log } = options;
  const token = readToken(config?.tokenFile ?? null);
  const fd = takeSocket(config, inherited) ?? (config === null ? null : await bind(config, settings, log));
  const feed = new LiveFeed(instance, tail);
  const dispatch = createAdminDispatch({ instance, feed, access: { token: null, isPrivate: true } });
  const listeners = [listen(options, { path: join(directory, CONTROL_SOCKET_NAME) }, dispatch)];
  if (fd !== null) {
    const access = { token, isPrivate: false };
    const listener = listen(options, { fd }, createAdminDispatch({ instance, feed, access }));
    log.info("admin listening", { host: config?.host, port: listener.port, hasToken: token !== null });
    listeners.push(listener);
  }
  const socket = config === null || fd === null ? null : { address: addressOf(config), fd };
  return new AdminServer(listeners, feed, socket);
}

function takeSocket(config: AdminConfig | null, inherited: Handover["admin"]): number | null {
  if (inherited === null) return null;
  if (config !== null && Bun.deepEquals(addressOf(config), inherited.address)) return inherited.socket.release();
  inherited.socket.abandon();
  return null;
}

function addressOf({ host, port }: AdminConfig): AdminAddress {
  return { host, port };
}

async function bind(
  { host, port, isAddressGiven }: AdminConfig,
  settings: Settings,
  log: Logger,
): Promise<number | null> {
  try {
    return (await bindSocket({ host, port })).release();
  } catch (error) {
    if (!(error instanceof ListenError)) throw error;
    if (isAddressGiven) {
      const origins = [adminPort, adminHost].map(({ key }) => settings.origin(key));
      throw new ListenRefusedError(error, origins, `-o ${adminPort.key}=`);
    }
    log.warn("no admin listener", { host, port, reason: error.message });
    return null;
  }
}

function listen(
  { server, directory, log }: AdminServerOptions,
  address: ListenAddress,
  dispatch: ReturnType<typeof createAdminDispatch>,
): HttpListener {
  return new HttpListener({
    address,
    server: {
      ...server,
      connectionCountMax: connectionCountFor(raiseOpenFileLimit(), CONNECTION_COUNT_MAX),
      bodyBytesMax: BODY_BYTES_MAX,
      bodyMemoryBytesMax: BODY_BYTES_MAX,
      bodyMemoryBytesTotalMax: BODY_MEMORY_BYTES_MAX,
      deadlines: DEADLINES,
    },
    protocols: ["h1"],
    bodyDirectory: directory,
    dispatch,
    wheel: new TimerWheel(),
    log,
  });
}

function readToken(path: string | null): string | null {
  if (path === null) return null;
  let token: string;
  try {
    token = readFileSync(path, "utf8").trim();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new AdminTokenError(`Cannot read admin.token_file ${path}: ${code}, a file this user may read is allowed`);
  }
  if (token.length >= TOKEN_LENGTH_MIN && /^[!-~]+$/.test(token)) return token;
  throw new AdminTokenError(
    `Cannot use admin.token_file ${path}: it holds no token, ${TOKEN_LENGTH_MIN} or more printable characters without spaces are allowed`,
  );
}
