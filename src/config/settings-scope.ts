import type { FieldOption, Option, OptionMap } from "./options/option.ts";
import { fieldOf } from "./options/option-list.ts";
import type { Origin } from "./origin.ts";
import type { Settings } from "./settings.ts";

/**
 * The same options at another place: what is `workers.count` at the top of the file is `apps.shop.workers.count` within `apps.shop`. So one
 * set of options, rules and defaults serves the short form and every app of a configuration with several.
 */
export class SettingsScope {
  /** `apps.shop`; empty for the top of the file. */
  readonly item: string;
  readonly #settings: Settings;

  constructor(settings: Settings, item = "") {
    this.#settings = settings;
    this.item = item;
  }

  /** The key as it is written in the file. */
  keyOf({ key }: Pick<FieldOption, "key">): string {
    return this.item === "" ? key : `${this.item}.${key}`;
  }

  value<Value>(option: Option<Value>): Value {
    return this.#settings.value(this.#within(option));
  }

  entries(map: OptionMap): Readonly<Record<string, string>> {
    return this.#settings.entries(this.#within(map));
  }

  origin(option: Pick<FieldOption, "key">): Origin {
    return this.#settings.origin(this.keyOf(option));
  }

  derive<Value>(option: Option<Value>, value: Exclude<Value, null>): void {
    this.#settings.derive(this.#within(option), value);
  }

  areSound(...options: readonly FieldOption[]): boolean {
    return this.#settings.areSound(...options.map((option) => this.#within(option)));
  }

  /** The value as it could be written in the file. */
  show(option: Option<number>): string {
    return String(option.type.show(this.value(option)));
  }

  #within<Field extends FieldOption>(option: Field): Field {
    return this.item === "" ? option : fieldOf(this.item, option);
  }
}
