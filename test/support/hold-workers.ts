import { join } from "node:path";
import { TestPool } from "./test-pool.ts";

/** A program with a pool whose workers are all busy; it prints their process ids, one line of JSON, and stays. For a test to kill. */
const pool = await TestPool.start({ workers: 2 });
const files = ["a", "b"].map((name) => join(pool.directory, name));
for (const file of files) pool.submit(`/hold?file=${file}`);
const processIds = await Promise.all(files.map((file) => pool.holder(file)));
process.stdout.write(`${JSON.stringify({ processIds, directory: pool.directory })}\n`);
setInterval(() => {}, 60_000);
