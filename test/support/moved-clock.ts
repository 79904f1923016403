import { readFileSync } from "node:fs";

/** Preloaded into processes of the engine where there is no libfaketime: their wall clock is off by the seconds in a file. See `WallClock`. */
const path = process.env["FAKETIME_TIMESTAMP_FILE"] ?? "";
const machineNow = Date.now.bind(Date);

Date.now = () => machineNow() + Number(readFileSync(path, "latin1")) * 1_000;
