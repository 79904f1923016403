// Types alone: an app imports nothing of Vilya to run.
export type * from "../vilya.d.ts";
