import type { FoundApp, ProjectFolder } from "./project.ts";

const WORKER_SCRIPTS = ["worker.php", "bin/worker.php", "public/worker.php"];
const ENTRY_PAGES = ["public/index.php", "index.php"];

/** Packages whose applications take the objects of PSR-7. */
const PSR7_PACKAGES = [
  "slim/slim",
  "mezzio/mezzio",
  "league/route",
  "spiral/framework",
  "chubbyphp/chubbyphp-framework",
];

/** Where a worker script for each kind is to be found; the guides come with the package. */
const HOW_TO_WRITE = {
  any: "write worker.php, which boots once and then answers request after request: docs/guides/php.md shows one",
  laravel:
    "write worker.php; there is no adapter for Laravel yet, docs/guides/php.md, under Frameworks, says what one has to do",
  psr7: "write worker.php, which hands requests to the application: docs/guides/php.md, under Frameworks, has its four lines",
  symfony:
    "write worker.php, which hands requests to the kernel: docs/guides/php.md, under Frameworks, has its four lines",
  script: "write worker.php: scripts are not run by their paths, docs/guides/php-fpm.md says what becomes of one",
};

/** A PHP app: by its worker, else by what Composer, Laravel and Symfony put there. */
export function findPhpApp(folder: ProjectFolder): FoundApp | null {
  const worker = folder.first(WORKER_SCRIPTS);
  const [sign, kind] = signOf(folder) ?? [worker, "any" as const];
  if (sign === null) return null;
  const missing = worker === null ? HOW_TO_WRITE[kind] : whatToChange(folder.text(worker), worker);
  return { runtime: "php", entry: worker ?? "worker.php", sign, missing };
}

function signOf(folder: ProjectFolder): readonly [sign: string, kind: keyof typeof HOW_TO_WRITE] | null {
  if (folder.has("artisan")) return ["Laravel (artisan)", "laravel"];
  if (folder.has("bin/console") && folder.has("symfony.lock")) return ["Symfony (bin/console)", "symfony"];
  const packages = folder.json("composer.json")["require"];
  const framework = PSR7_PACKAGES.find((name) => typeof packages === "object" && packages !== null && name in packages);
  if (framework !== undefined) return [`${framework} (composer.json)`, "psr7"];
  const page = folder.first(ENTRY_PAGES);
  if (folder.has("composer.json")) return ["composer.json", "any"];
  return page === null ? null : [page, "script"];
}

/** What a worker that was written for another server needs; `null` for one of ours. */
function whatToChange(text: string, path: string): string | null {
  if (/\bSpiral\\RoadRunner\b/.test(text))
    return `${path} is a worker of RoadRunner's: docs/guides/roadrunner.md has the lines to change`;
  if (/\bfrankenphp_handle_request\b/.test(text))
    return `${path} is a worker of FrankenPHP's: docs/guides/frankenphp.md has the lines to change`;
  return null;
}
