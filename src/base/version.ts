import packageJson from "../../package.json" with { type: "json" };

/** Vilya's version, as `vilya --version` prints it and workers are told as `runtime_version`. */
export const VERSION: string = packageJson.version;
