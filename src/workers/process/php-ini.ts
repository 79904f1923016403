/** What a PHP worker needs where the app does not say otherwise. */
const PHP_DEFAULTS: Readonly<Record<string, string>> = {
  "opcache.enable_cli": "1",
  // Once, on STDERR, where the engine captures it; a message on STDOUT would look like output.
  display_errors: "stderr",
  log_errors: "0",
  // What a web SAPI has, and distributions lift for the command line: a worker that runs away ends as one failed request.
  memory_limit: "128M",
};

/** Constants combined with operators, as in `E_ALL & ~E_DEPRECATED`: between quotes PHP would read them as text. */
const ERROR_LEVEL_EXPRESSION = /^(?=.*\bE_)[A-Z0-9_\s&|~^()]+$/;

/**
 * Renders PHP settings as an ini file, the engine's defaults first and `settings` over them. A value is taken as text; only an expression of
 * `E_` constants keeps its meaning.
 */
export function renderPhpIni(settings: Readonly<Record<string, string>>): string {
  const lines = Object.entries({ ...PHP_DEFAULTS, ...settings }).map(
    ([name, value]) => `${name} = ${renderValue(value)}`,
  );
  return `${lines.join("\n")}\n`;
}

function renderValue(value: string): string {
  if (ERROR_LEVEL_EXPRESSION.test(value)) return value;
  // Nothing is special between single quotes, and nothing can end them early.
  if (!value.includes("'")) return `'${value}'`;
  return `"${value.replace(/["\\$]/g, "\\$&")}"`;
}
