// `$${` is a literal `${`; otherwise a name, optionally with `:-` and what to use where the variable is unset or empty.
const REFERENCE = /\$\$\{|\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^{}]*))?\}|\$\{[^}]*\}?/g;

/** What became of a text: the names of variables that have no value and no default, and references that are not well formed. */
export interface Interpolated {
  readonly text: string;
  readonly undefinedNames: readonly string[];
  readonly malformed: readonly string[];
}

/**
 * Replaces `${NAME}` and `${NAME:-default}` by variables of the environment, once: what a variable holds is not read again, so a value
 * cannot smuggle in a reference or YAML. `$${` stands for a literal `${`; a `$` before anything else is kept.
 */
export function interpolate(text: string, environment: Readonly<Record<string, string | undefined>>): Interpolated {
  const undefinedNames: string[] = [];
  const malformed: string[] = [];
  const result = text.replace(REFERENCE, (reference: string, name?: string, fallback?: string) => {
    if (reference === "$${") return "${";
    if (name === undefined) {
      malformed.push(reference);
      return reference;
    }
    const value = environment[name];
    if (fallback !== undefined) return value || fallback;
    if (value === undefined) undefinedNames.push(name);
    return value ?? "";
  });
  return { text: result, undefinedNames, malformed };
}
