import type { ContentCoding } from "../../protocols/http/content-coding.ts";
import type { FieldBlock } from "../../protocols/http/field-block.ts";
import { fieldBlockOf, type OwnField } from "../../protocols/http/field-list.ts";
import { etagOf, type FileStamp, isSettled } from "./file-stamp.ts";

/** What a file's answers say of it besides what its stamp tells. */
export interface FileDescription {
  /** Below the root. */
  readonly path: string;
  readonly coding: ContentCoding | null;
  /** Fields of every answer with content: the type, and what an application has added. */
  readonly contentFields: readonly OwnField[];
  /** Fields of every answer, 304 included: Cache-Control, Vary. */
  readonly fields: readonly OwnField[];
}

/**
 * One state of one file as it can be sent, with the fields of its answers made in advance.
 *
 * Invariant: `bytes`, once set, are the whole content in the state that the stamp tells.
 */
export class Representation {
  readonly description: FileDescription;
  readonly stamp: FileStamp;
  /** False while the file is so young that it may change within a tick of its clock: its tag is weak. */
  readonly isSettled: boolean;
  readonly etag: string;
  /** Whole seconds, and never ahead of the clock. RFC 9110 §8.8.2.1. */
  readonly lastModifiedMs: number;
  /** For 200. */
  readonly wholeFields: FieldBlock;
  /** For 304. RFC 9110 §15.4.5. */
  readonly notModifiedFields: FieldBlock;
  /** Small files in memory. */
  bytes: Buffer | null = null;
  /** Somebody is reading it into memory. */
  isLoading = false;

  constructor(description: FileDescription, stamp: FileStamp, nowMs: number) {
    this.description = description;
    this.stamp = stamp;
    this.isSettled = isSettled(stamp, nowMs);
    this.etag = etagOf(stamp, description.coding, this.isSettled);
    const modifiedMs = Math.min(Number(stamp.modifiedNs / 1_000_000n), nowMs);
    this.lastModifiedMs = Math.floor(modifiedMs / 1_000) * 1_000;
    this.wholeFields = fieldBlockOf([...this.contentFields(), ["Content-Length", String(this.byteLength)]]);
    this.notModifiedFields = fieldBlockOf(this.#validatorFields());
  }

  get byteLength(): number {
    return this.stamp.byteLength;
  }

  /** What an answer with content has: all of it in a 200, and in a 206 that is not multipart. */
  contentFields(): OwnField[] {
    const { contentFields, coding } = this.description;
    const fields: OwnField[] = [...contentFields, ...this.#validatorFields(), ["Accept-Ranges", "bytes"]];
    if (coding !== null) fields.push(["Content-Encoding", coding]);
    return fields;
  }

  #validatorFields(): OwnField[] {
    const lastModified = new Date(this.lastModifiedMs).toUTCString();
    return [["ETag", this.etag], ["Last-Modified", lastModified], ...this.description.fields];
  }
}
