import { Arena } from "../../kernel/arena.ts";
import { writeAsciiStr, writeMapHeader, writeStr } from "../msgpack/msgpack-writer.ts";

/** What a worker is told of the route that its request is for. */
export interface RouteFacts {
  /** The pattern, as it stands in the configuration. */
  readonly path: string;
  readonly parameterNames: readonly string[];
  /** Decoded, in the order of the names. */
  readonly values: readonly string[];
}

/** Shared: encoding never yields. */
const scratch = new Arena();

/** Encodes two entries of a request's map, `route` and `params`, with their keys (docs/reference/wire.md, W2.60). */
export function encodeRoute({ path, parameterNames, values }: RouteFacts): Buffer {
  scratch.truncate(0);
  writeAsciiStr(scratch, "route");
  writeStr(scratch, path);
  writeAsciiStr(scratch, "params");
  writeMapHeader(scratch, parameterNames.length);
  for (const [index, name] of parameterNames.entries()) {
    writeStr(scratch, name);
    writeStr(scratch, values[index] ?? "");
  }
  return scratch.copyOut();
}
