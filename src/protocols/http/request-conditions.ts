import { type FieldBlock, hashName } from "./field-block.ts";

/** The fields of a request that decide what of a representation is sent, each `null` where it is absent. Several of a name are one list. */
export class RequestConditions {
  ifMatch: string | null = null;
  ifNoneMatch: string | null = null;
  ifModifiedSince: string | null = null;
  ifUnmodifiedSince: string | null = null;
  ifRange: string | null = null;
  range: string | null = null;
  acceptEncoding: string | null = null;
}

type Slot = keyof RequestConditions;

const SLOTS: ReadonlyMap<number, readonly [lowerCaseName: string, slot: Slot]> = new Map(
  (
    [
      ["if-match", "ifMatch"],
      ["if-none-match", "ifNoneMatch"],
      ["if-modified-since", "ifModifiedSince"],
      ["if-unmodified-since", "ifUnmodifiedSince"],
      ["if-range", "ifRange"],
      ["range", "range"],
      ["accept-encoding", "acceptEncoding"],
    ] as const
  ).map(([name, slot]) => [hashName(name), [name, slot]]),
);

/** 1 where the low octet of a name's hash may belong to one of them: one load clears almost every other name. */
const MAY_BE_CONDITION = new Uint8Array(256);
for (const hash of SLOTS.keys()) MAY_BE_CONDITION[hash & 0xff] = 1;

/** Reads them in one pass over the fields; strings are made only of those that are there. */
export function readConditions(fields: FieldBlock): RequestConditions {
  const conditions = new RequestConditions();
  for (let index = 0; index < fields.count; index++) {
    const hash = fields.nameHash(index);
    if (MAY_BE_CONDITION[hash & 0xff] === 0) continue;
    const found = SLOTS.get(hash);
    if (found === undefined || !fields.isNamed(index, found[0])) continue;
    const value = fields.value(index);
    const before = conditions[found[1]];
    conditions[found[1]] = before === null ? value : `${before}, ${value}`;
  }
  return conditions;
}
