import { asUtf8, textOf, type WireMap } from "./msgpack-reader.ts";

/** A file of a form that the engine has read. It is there until the request is answered, unless the app has moved it. */
export interface Upload {
  /** Of the field. */
  readonly name: string;
  /** What the client calls it, without a path; not to be trusted. */
  readonly filename: string;
  /** The media type as the client says; may be empty. Not to be trusted. */
  readonly type: string;
  readonly path: string;
  /** In bytes. */
  readonly size: number;
}

/** The files of a request whose form the engine has read; none for others. docs/reference/wire.md W2.61. */
export function uploadsOf(request: WireMap): readonly Upload[] {
  const files = (request["files"] ?? []) as readonly WireMap[];
  return files.map((file) => ({
    name: asUtf8(textOf(file, "name")),
    filename: asUtf8(textOf(file, "filename")),
    type: asUtf8(textOf(file, "type")),
    path: asUtf8(textOf(file, "path")),
    size: Number(file["size"]),
  }));
}

/** Whether the engine has read the request's form. */
export function hasForm(request: WireMap): boolean {
  return request["form"] !== undefined;
}

/** The form that the engine has read, as the platform's `formData` would give it. */
export async function readForm(wire: WireMap): Promise<FormData> {
  const { openAsBlob } = await import("node:fs");
  const form = new FormData();
  const fields = wire["form"] as Readonly<Record<string, readonly string[]>>;
  for (const name in fields) {
    for (const value of fields[name]!) form.append(asUtf8(name), asUtf8(value));
  }
  for (const { name, filename, type, path } of uploadsOf(wire)) {
    form.append(name, new File([await openAsBlob(path)], filename, { type }));
  }
  return form;
}
