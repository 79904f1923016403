import * as v from "valibot";
import { quote } from "../base/printable.ts";
import type { Assignment } from "./sources/assignment.ts";
import type { AnyOption, Option, OptionMap } from "./options/option.ts";
import type { OptionType, RawValue } from "./types/option-type.ts";
import { DEFAULT_ORIGIN, type Origin } from "./origin.ts";
import type { ConfigProblem } from "./problem.ts";
import { nearest } from "./nearest.ts";

interface Entry {
  readonly value: unknown;
  readonly origin: Origin;
  /** Of the option; an entry of a map has none. */
  readonly default: unknown;
}

/**
 * The value of every option and where it came from. Of several assignments the last wins, so sources are handed over weakest first; each
 * one is judged all the same, for a mistake that is overridden today is still a mistake.
 */
export class Settings {
  readonly #values = new Map<string, Entry>();
  readonly #refusedKeys = new Set<string>();
  /** The names of the entries that map options were given, by the options' keys. */
  readonly #entryNames = new Map<string, Set<string>>();
  readonly #problems: ConfigProblem[] = [];

  constructor(assignments: readonly Assignment[]) {
    for (const assignment of assignments) this.#assign(assignment);
  }

  /** What the assignments did wrong. */
  get problems(): readonly ConfigProblem[] {
    return this.#problems;
  }

  value<Value>(option: Option<Value>): Value {
    const entry = this.#values.get(option.key);
    return entry === undefined ? option.default : (entry.value as Value);
  }

  /** The entries of a map option that were given. */
  entries(map: OptionMap): Readonly<Record<string, string>> {
    const names = [...(this.#entryNames.get(map.key) ?? [])];
    return Object.fromEntries(names.map((name) => [name, this.#values.get(`${map.key}.${name}`)?.value as string]));
  }

  /** Takes a key or the key of a map's entry. */
  origin(key: string): Origin {
    return this.#values.get(key)?.origin ?? DEFAULT_ORIGIN;
  }

  /** The keys, and keys of maps' entries, whose values are other ones there, in alphabetical order. */
  keysThatDiffer(other: Settings): readonly string[] {
    const keys = new Set([...this.#values.keys(), ...other.#values.keys()]);
    return [...keys]
      .filter((key) => !Bun.deepEquals(this.#effective(key, other), other.#effective(key, this)))
      .toSorted();
  }

  /** What one of two that hold `key` knows of its default holds for both. */
  #effective(key: string, other: Settings): unknown {
    const entry = this.#values.get(key);
    return entry === undefined ? other.#values.get(key)?.default : entry.value;
  }

  /** Where an item of a list or a table stands: the place of the first thing in it that is not at its default. */
  itemOrigin(item: string): Origin {
    const prefix = `${item}.`;
    for (const [key, { origin }] of this.#values) {
      if (key.startsWith(prefix) && origin.kind !== "default") return origin;
    }
    return DEFAULT_ORIGIN;
  }

  /** The keys under `prefix` that a source has given, in the order of the sources. */
  keysUnder(prefix: string): readonly string[] {
    return [...this.#values].flatMap(([key, { origin }]) =>
      key.startsWith(prefix) && origin.kind !== "default" ? [key] : [],
    );
  }

  /** Puts what was worked out in the place of a default or of a word such as `auto`; the origin stays. */
  derive<Value>(option: Option<Value>, value: Exclude<Value, null>): void {
    this.#values.set(option.key, { value, origin: this.origin(option.key), default: option.default });
  }

  /** Whether no assignment to these was refused: only then does it help to compare them. */
  areSound(...options: readonly AnyOption[]): boolean {
    return options.every(({ key }) => !this.#refusedKeys.has(key));
  }

  #assign({ option, entryName, raw, origin }: Assignment): void {
    const key = entryName === null ? option.key : `${option.key}.${entryName}`;
    if (option.kind === "map" && !option.entryName.pattern.test(entryName ?? "")) {
      this.#refuse(option, {
        message: `Cannot use ${quote(key)}: ${option.entryName.allowed} is allowed`,
        origins: [origin],
        hint: null,
      });
      return;
    }
    const type: OptionType<unknown> = option.kind === "map" ? option.entryType : option.type;
    const result = v.safeParse(type.schema, raw);
    if (result.success) {
      this.#values.set(key, {
        value: result.output,
        origin,
        default: option.kind === "map" ? undefined : option.default,
      });
      if (entryName !== null) this.#noteEntry(option.key, entryName);
      return;
    }
    const state = option.kind === "map" && option.isSecret ? "its value cannot be used" : `it is ${describe(raw)}`;
    const near = typeof raw === "string" ? nearest(raw, type.words) : null;
    this.#refuse(option, {
      message: `Cannot use ${key}: ${state}, ${type.allowed} is allowed`,
      origins: [origin],
      hint: near === null ? null : `did you mean ${near}?`,
    });
  }

  #noteEntry(key: string, name: string): void {
    const names = this.#entryNames.get(key);
    if (names === undefined) this.#entryNames.set(key, new Set([name]));
    else names.add(name);
  }

  #refuse(option: AnyOption, problem: ConfigProblem): void {
    this.#refusedKeys.add(option.key);
    this.#problems.push(problem);
  }
}

function describe(raw: RawValue): string {
  return typeof raw === "string"
    ? quote(raw)
    : `[${raw
        .slice(0, 8)
        .map((item) => quote(item))
        .join(", ")}]`;
}
