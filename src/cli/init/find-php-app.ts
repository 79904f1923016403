import type { FoundApp, ProjectFolder } from "./project.ts";

const WORKER_SCRIPTS = ["worker.php", "bin/worker.php", "public/worker.php"];

const NO_WORKER =
  "write worker.php, which boots once and then answers request after request: docs/guides/php.md shows one";

const NO_SYMFONY_WORKER =
  "write worker.php, which hands requests to the kernel: docs/guides/php.md, under Frameworks, has its four lines";

/** A PHP app: by its worker, else by what Composer, Laravel and Symfony put there. */
export function findPhpApp(folder: ProjectFolder): FoundApp | null {
  const worker = folder.first(WORKER_SCRIPTS);
  const sign = signOf(folder, worker);
  if (sign === null) return null;
  const howToWrite = sign.startsWith("Symfony") ? NO_SYMFONY_WORKER : NO_WORKER;
  return { runtime: "php", entry: worker ?? "worker.php", sign, missing: worker === null ? howToWrite : null };
}

function signOf(folder: ProjectFolder, worker: string | null): string | null {
  if (folder.has("artisan")) return "Laravel (artisan)";
  if (folder.has("bin/console") && folder.has("symfony.lock")) return "Symfony (bin/console)";
  if (folder.has("composer.json")) return "composer.json";
  if (worker !== null) return worker;
  return folder.has("public/index.php") ? "public/index.php" : null;
}
