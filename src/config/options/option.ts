import type { OptionType } from "../types/option-type.ts";

/**
 * What has to be replaced for a change of the option to take effect: nothing but workers, as in every reload (`in place`), the `front` that
 * serves HTTP with its workers, or the whole `instance`, which a reload does not.
 */
export type ReplacedScope = "in place" | "front" | "instance";

/** What every option says about itself, once, for messages, editors and the reference page. */
export interface OptionDocs {
  /** Dotted: `server.port`. */
  readonly key: string;
  /** Full sentences in Markdown: what it does, in which unit a plain number counts, what happens at the limit. */
  readonly summary: string;
  /** The limit it sets or the attack or accident it answers. */
  readonly guards?: string;
  readonly replaces: ReplacedScope;
}

/** An option that holds one value. `Value` includes null where the default is worked out from other facts. */
export interface Option<Value> extends OptionDocs {
  readonly kind: "value";
  readonly type: OptionType<Exclude<Value, null>>;
  readonly default: Value;
  /** Describes the default where it is null. */
  readonly defaultRule?: string;
  /** A flag of its own, without dashes, beside `-o key=value`. */
  readonly flag?: string;
  /** Short names of its environment variable, without the `VILYA_` prefix. */
  readonly shortNames?: readonly string[];
}

/** An option that holds texts by name; each entry is given, and overridden, by itself. */
export interface OptionMap extends OptionDocs {
  readonly kind: "map";
  readonly entryName: { readonly pattern: RegExp; readonly allowed: string };
  readonly entryType: OptionType<string>;
  /** Values may be credentials: never shown. */
  readonly isSecret: boolean;
}

/**
 * An option that holds a list of maps which have the same keys each. Only the file gives it. What stands in its items are options of their
 * own, under the keys `server.listeners[0].port`, `server.listeners[0].tls.certificates[1].cert`, ….
 */
export interface OptionList extends OptionDocs {
  readonly kind: "list";
  /** Keys are those within an item, dotted where it nests. */
  readonly fields: readonly FieldOption[];
  readonly itemCountMax: number;
}

/**
 * An option that holds maps by name, which have the same keys each: `apps.shop.runtime`. The file alone makes an item; what stands in one
 * may also be given as `-o apps.shop.runtime=php`.
 */
export interface OptionTable extends OptionDocs {
  readonly kind: "table";
  readonly entryName: { readonly pattern: RegExp; readonly allowed: string };
  /** Keys are those within an item, dotted where it nests. */
  readonly fields: readonly FieldOption[];
  /** Where the fields are described, for the reference page: in Markdown, after "each with the keys". */
  readonly fieldRule: string;
  readonly itemCountMax: number;
}

/** What may stand in the items of a list or a table. */
export type FieldOption = Option<unknown> | OptionMap | OptionList;

/** Any kind, for code that walks all options. */
export type AnyOption = FieldOption | OptionTable;

/** Options that stand together in the file, under one key or (with the key "") at its top. */
export interface Section {
  /** Dotted: `server.limits`. */
  readonly key: string;
  readonly summary: string;
  readonly options: readonly AnyOption[];
}
