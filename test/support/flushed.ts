import { constants, type DeflateRaw, type InflateRaw } from "node:zlib";

/** What a zlib stream puts out for `content` up to a flush. */
export async function flushed(stream: DeflateRaw | InflateRaw, content: string | Buffer): Promise<Buffer> {
  const parts: Buffer[] = [];
  const take = (part: Buffer) => void parts.push(part);
  stream.on("data", take);
  stream.write(content);
  await new Promise<void>((resolve) => stream.flush(constants.Z_SYNC_FLUSH, resolve));
  stream.off("data", take);
  return Buffer.concat(parts);
}
