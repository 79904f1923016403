import type { SendfileConfig } from "../../config/static-config.ts";
import type { FieldBlock } from "../../protocols/http/field-block.ts";
import { fieldListOf, type OwnField } from "../../protocols/http/field-list.ts";
import { readConditions, type RequestConditions } from "../../protocols/http/request-conditions.ts";
import type { RequestHead } from "../../protocols/http/request-head.ts";
import type { Logger } from "../../telemetry/logger.ts";
import type { Exchange } from "../exchange.ts";
import { FileAnswer, type FileSource } from "./file-answer.ts";
import { mediaTypeOf } from "./file-rules.ts";
import { isSameStamp } from "./file-stamp.ts";
import { OpenFile } from "./open-file.ts";
import { Representation } from "./representation.ts";
import { parseRequestPath } from "./request-path.ts";
import { FileResource } from "./resource.ts";
import { ServedRoot } from "./served-root.ts";

/** How long a root that is a link counts as what it was. */
const REVALIDATE_MS = 1_000;

/** Fields that name a file. They are for us: a client would learn where it is. */
const NAMING = ["x-sendfile", "x-accel-redirect"] as const;

/** Fields of the app's answer that the file's own take the place of, or that must not leave. */
const REPLACED = new Set<string>([
  ...NAMING,
  "content-length",
  "etag",
  "last-modified",
  "accept-ranges",
  "content-range",
]);

/** Fields that a 304 has as well. RFC 9110 §15.4.5. */
const OF_EVERY_ANSWER = new Set(["cache-control", "content-location", "expires", "vary", "set-cookie"]);

/** What a request says that bears on a file as its answer, kept while its worker is at work. */
export interface OffloadOffer {
  readonly conditions: RequestConditions;
  readonly isHead: boolean;
}

/** Reads it while the head is valid. */
export function offerOf(head: RequestHead): OffloadOffer {
  return { conditions: readConditions(head.fields), isHead: head.isMethod("HEAD") };
}

interface OffloadRoot extends SendfileConfig {
  readonly served: ServedRoot;
}

/**
 * Sends files that an app names instead of sending them: `X-Sendfile` with an absolute path, `X-Accel-Redirect` with one below a prefix. Its
 * worker is free for the next request as soon as it has said so.
 *
 * Invariant: only regular files below one of the roots, reached without a link that leads out of it.
 */
export class FileOffload implements Disposable {
  readonly #roots: readonly OffloadRoot[];
  readonly #log: Logger;

  constructor(roots: readonly SendfileConfig[], log: Logger) {
    this.#log = log;
    this.#roots = roots.map((root) => ({
      ...root,
      served: new ServedRoot(
        { root: root.directory, symlinks: "beneath", revalidateMs: REVALIDATE_MS },
        { log, onReplaced: () => {} },
      ),
    }));
  }

  /**
   * Takes an answer over that names a file: the exchange's handler is another then. An answer that is no 200 is left to the app, without
   * the name.
   *
   * @returns false when the answer is the app's.
   */
  take(
    exchange: Exchange,
    { conditions, isHead }: OffloadOffer,
    { status, fields }: { readonly status: number; readonly fields: FieldBlock },
  ): boolean {
    const sendfile = fields.get("x-sendfile");
    const named = sendfile ?? fields.get("x-accel-redirect");
    if (named === null) return false;
    if (status !== 200) {
      for (const name of NAMING) fields.remove(name);
      return false;
    }
    const found = sendfile === null ? this.#byPrefix(named) : this.#byDirectory(named);
    if (found === null) {
      const errorId = crypto.randomUUID();
      this.#log.error("app named a file outside of the roots for sendfile", { errorId, file: named });
      exchange.refuse(500, { errorId });
      return true;
    }
    const source = new OffloadedFile(found.root.served);
    const opened = source.look(found.path, fields, Date.now());
    if (opened === null) {
      this.#log.warn("file that an app named is not there", { file: named });
      exchange.refuse(404);
      return true;
    }
    const answer = new FileAnswer(exchange, source, new FileResource(opened, []));
    exchange.handler = answer;
    answer.answer(conditions, isHead);
    return true;
  }

  [Symbol.dispose](): void {
    for (const { served } of this.#roots) served[Symbol.dispose]();
  }

  /** A path as in a URL. */
  #byPrefix(target: string): { readonly root: OffloadRoot; readonly path: string } | null {
    const parsed = parseRequestPath(target.split("?", 1)[0]!);
    return parsed === null || parsed.isDirectory ? null : this.#find(`/${parsed.name}`, ({ prefix }) => prefix);
  }

  /** A path as in the file system; the kernel sees to it that none leads out. */
  #byDirectory(path: string): { readonly root: OffloadRoot; readonly path: string } | null {
    return this.#find(path, ({ directory }) => Buffer.from(directory).toString("latin1"));
  }

  #find(
    path: string,
    frontOf: (root: OffloadRoot) => string,
  ): { readonly root: OffloadRoot; readonly path: string } | null {
    for (const root of this.#roots) {
      const front = `${frontOf(root)}/`;
      const rest = path.slice(front.length);
      if (path.startsWith(front) && rest.split("/").every((name) => name !== "" && name !== "." && name !== "..")) {
        return { root, path: rest };
      }
    }
    return null;
  }
}

/** A file for one answer: it is described by what the app has said, so nothing of it is kept. */
class OffloadedFile implements FileSource {
  readonly #root: ServedRoot;

  constructor(root: ServedRoot) {
    this.#root = root;
  }

  look(path: string, appFields: FieldBlock, nowMs: number): Representation | null {
    const opened = this.#root.openFile(path);
    if (opened === null) return null;
    using file = new OpenFile(opened.fd, describe(path, appFields, opened.stamp, nowMs));
    return file.representation;
  }

  open(found: Representation, nowMs: number): OpenFile | null {
    const opened = this.#root.openFile(found.description.path);
    if (opened === null) return null;
    const isSame = isSameStamp(opened.stamp, found.stamp);
    return new OpenFile(opened.fd, isSame ? found : new Representation(found.description, opened.stamp, nowMs));
  }

  isLoadable(): boolean {
    return false;
  }

  load(file: OpenFile, onLoaded: (bytes: Buffer | null) => void): void {
    file[Symbol.dispose]();
    onLoaded(null);
  }
}

function describe(path: string, appFields: FieldBlock, stamp: Representation["stamp"], nowMs: number): Representation {
  const kept = fieldListOf(appFields).filter(([name]) => !REPLACED.has(name.toLowerCase()));
  const fields = kept.filter(isGeneral);
  const contentFields = kept.filter((field) => !isGeneral(field));
  if (appFields.find("content-type", 0) === -1) contentFields.unshift(["Content-Type", mediaTypeOf(path)]);
  return new Representation({ path, coding: null, contentFields, fields }, stamp, nowMs);
}

function isGeneral([name]: OwnField): boolean {
  return OF_EVERY_ANSWER.has(name.toLowerCase());
}
