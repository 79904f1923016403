import { KIB, MIB, TIB } from "../types/bounds.ts";
import type { Option, Section } from "./option.ts";
import { boolean, integer } from "../types/option-type.ts";
import { byteSize } from "../types/quantity.ts";

/** A key of the section. */
function field<Value>(option: Omit<Option<Value>, "replaces" | "kind">): Option<Value> {
  return { kind: "value", replaces: "front", ...option };
}

/** What workers get of forms. */
export const uploadsFields: {
  readonly enabled: Option<boolean>;
  readonly maxFields: Option<number>;
  readonly maxFiles: Option<number>;
  readonly maxFileSize: Option<number | null>;
  readonly maxFieldSize: Option<number>;
  readonly maxFieldsSize: Option<number>;
  readonly maxNameSize: Option<number>;
  readonly maxHeaderSize: Option<number>;
} = {
  enabled: field<boolean>({
    key: "uploads.enabled",
    type: boolean(),
    default: false,
    summary:
      "Workers get forms (`application/x-www-form-urlencoded` and `multipart/form-data`) parsed: fields by name, files by path. The engine reads a form before a worker is taken, and deletes its files after the request. A route may say otherwise (`routes[].uploads`). Workers that do not know it get bodies as they are.",
    guards: "Parsers in every language with limits of their own, or none; files that crashes leave behind.",
  }),
  maxFields: field<number>({
    key: "uploads.max_fields",
    type: integer({ min: 0, max: 1_000_000 }),
    default: 1_000,
    summary: "Fields without a file that one form may have; more is 413.",
    guards: "Hash tables of a hundred thousand keys.",
  }),
  maxFiles: field<number>({
    key: "uploads.max_files",
    type: integer({ min: 0, max: 10_000 }),
    default: 100,
    summary: "Files that one form may have, file inputs without a file included; more is 413.",
    guards: "Open files and the disk's table of them: each file is one descriptor until it is written.",
  }),
  maxFileSize: field<number | null>({
    key: "uploads.max_file_size",
    type: byteSize({ min: 0, max: TIB }),
    default: null,
    defaultRule: "`server.max_body_size`, which bounds the whole form in any case",
    summary: "One file may be so large; a larger one is 413.",
    guards: "Disk space.",
  }),
  maxFieldSize: field<number>({
    key: "uploads.max_field_size",
    type: byteSize({ min: 0, max: 16 * MIB }),
    default: MIB,
    summary: "The value of one field may be so large, decoded; a larger one is 413.",
    guards: "Memory.",
  }),
  maxFieldsSize: field<number>({
    key: "uploads.max_fields_size",
    type: byteSize({ min: 0, max: 64 * MIB }),
    default: 2 * MIB,
    summary:
      "All names and values of one form, and the names and types of its files, may be so large together; more is 413. They have to fit into a frame, too (`workers.frame_size`), and count as `server.body_memory_total` until the request is answered.",
    guards: "Memory: fields wait there, and files do not.",
  }),
  maxNameSize: field<number>({
    key: "uploads.max_name_size",
    type: byteSize({ min: 1, max: 64 * KIB }),
    default: KIB,
    summary: "The name of a field, and of a file, may be so long; a longer one is 413.",
    guards: "Memory and logs of apps, which take names for short.",
  }),
  maxHeaderSize: field<number>({
    key: "uploads.max_header_size",
    type: byteSize({ min: 64, max: MIB }),
    default: 8 * KIB,
    summary: "The header of one part may be so long, its line ends included; a longer one is 413.",
    guards: "Memory: a header is kept until its end is there.",
  }),
};

/** The `uploads` section. */
export const uploadsSection: Section = {
  key: "uploads",
  summary: "Forms and the files that come with them.",
  options: Object.values(uploadsFields),
};
