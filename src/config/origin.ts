/** Where a value came from. File positions count from 1, as editors do. */
export type Origin =
  | { readonly kind: "default" }
  | { readonly kind: "file"; readonly file: string; readonly line: number; readonly column: number }
  | { readonly kind: "environment"; readonly variable: string }
  | { readonly kind: "flag"; readonly flag: string };

/** The origin of everything that nobody set. */
export const DEFAULT_ORIGIN: Origin = { kind: "default" };

/** Writes an origin as people cite it: `vilya.yaml:12:3`, `env VILYA_PORT`, `flag --port`, `default`. */
export function renderOrigin(origin: Origin): string {
  switch (origin.kind) {
    case "default":
      return "default";
    case "file":
      return `${origin.file}:${origin.line}:${origin.column}`;
    case "environment":
      return `env ${origin.variable}`;
    case "flag":
      return `flag ${origin.flag}`;
  }
}
