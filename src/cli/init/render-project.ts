import type { FoundApp, Project, Upstream } from "./project.ts";

const HEAD = `# The configuration of Vilya. Every key: vilya config reference. Check it: vilya config check.
# Relative paths start at the folder that Vilya is started in.

server:
  host: 127.0.0.1   # 0.0.0.0 lets other machines in
  port: 8888
`;

/** Where most frameworks of Node.js listen unless told otherwise. */
const UPSTREAM_ADDRESS = "http://127.0.0.1:3000";

/** What a person has to do for an {@link Upstream}. */
export const HOW_TO_START_UPSTREAM = "start it beside Vilya on port 3000, or change the address";

const WORKERS: Readonly<Record<FoundApp["runtime"], readonly string[]>> = {
  php: [
    "workers:",
    "  count: auto          # one a processor; each runs one request at a time",
    "  max_requests: 1000   # then it is replaced, before it leaves",
    "  timeout: 30          # seconds a request may take",
  ],
  python: ["workers:", "  count: auto   # one a processor", "  timeout: 30   # seconds a request may take"],
  bun: [
    "workers:",
    "  count: 2      # each runs many requests at a time",
    "  timeout: 30   # seconds a request may take",
  ],
  node: [
    "workers:",
    "  count: 2      # each runs many requests at a time",
    "  timeout: 30   # seconds a request may take",
  ],
};

/** A whole configuration file with comments, for a person to read and change. */
export function renderProject({ apps, upstream, publicRoot }: Project): string {
  const root = publicRoot === null ? null : quoted(publicRoot);
  const [only] = apps;
  if (only === undefined) return `${HEAD}\n${upstream === null ? renderSite(root ?? "public") : renderProxy(upstream)}`;
  if (apps.length > 1) return `${HEAD}\n${renderApps(apps, upstream, root)}`;
  const routes = upstream === null ? [] : ["", "routes:", ...renderUpstream(upstream), "  - { app: default }"];
  return `${HEAD}\n${[...renderApp(only), ...renderStatic(root), ...routes].join("\n")}\n`;
}

function renderProxy({ sign }: Upstream): string {
  return `# Found: ${sign}, which listens itself. \`stub\` starts no worker.
# Left to do: ${HOW_TO_START_UPSTREAM}.
runtime: stub

routes:
  - path: /*
    proxy: { to: "${UPSTREAM_ADDRESS}" }
    compress: { enabled: true }
`;
}

function renderUpstream({ sign }: Upstream): readonly string[] {
  return [
    `  # Found: ${sign}, which listens itself. Left to do: ${HOW_TO_START_UPSTREAM}.`,
    `  - { path: /node/*, proxy: { to: "${UPSTREAM_ADDRESS}" } }   # choose your own path`,
  ];
}

function renderSite(root: string): string {
  return `# No app was found here: files alone. \`stub\` starts no worker.
runtime: stub

routes:
  - path: /*
    static: { root: ${root} }
    compress: { enabled: true }
`;
}

function renderApps(apps: readonly FoundApp[], upstream: Upstream | null, root: string | null): string {
  const [first, ...others] = apps;
  const blocks = apps.flatMap((app, index) => {
    const lines = [...renderApp(app), ...(index === 0 ? renderStatic(root) : [])];
    return [`  ${nameOf(app)}:`, ...lines.map((line) => (line === "" ? "" : `    ${line}`))];
  });
  const routes = others.map((app) => `  - { path: /${nameOf(app)}/*, app: ${nameOf(app)} }   # choose your own path`);
  if (upstream !== null) routes.unshift(...renderUpstream(upstream));
  return `${["apps:", ...blocks, "", "routes:", ...routes, `  - { path: /*, app: ${nameOf(first!)} }`].join("\n")}\n`;
}

function renderApp(app: FoundApp): readonly string[] {
  const lines = [`# Found: ${app.sign.replaceAll(/\s/g, " ")}`];
  if (app.missing !== null) lines.push(`# Left to do: ${app.missing}.`);
  if (app.runtime === "php") lines.push("php:", `  worker_script: ${quoted(app.entry)}`);
  else lines.push(`runtime: ${app.runtime}`, `entry: ${quoted(app.entry)}`);
  return [...lines, ...WORKERS[app.runtime]];
}

function renderStatic(root: string | null): readonly string[] {
  if (root === null) return [];
  return ["static:", `  root: ${root}   # a file that is there is served without a worker`];
}

function nameOf({ runtime }: FoundApp): string {
  return runtime === "bun" || runtime === "node" ? "typescript" : runtime;
}

/** Plain where YAML takes it for text as it stands. */
function quoted(value: string): string {
  return /^[\w./-]+$/.test(value) && !/^[\d.-]/.test(value) ? value : JSON.stringify(value);
}
