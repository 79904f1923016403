/** A program under measurement that prints its port when it listens. */
export interface BenchApp extends AsyncDisposable {
  readonly port: number;
  readonly processId: number;
}

/** Starts `file` on this runtime, and kills it when it is disposed of. */
export async function startBenchApp(file: string): Promise<BenchApp> {
  const child = Bun.spawn([process.execPath, file], { stdin: "ignore", stdout: "pipe", stderr: "inherit" });
  const reader = child.stdout.getReader();
  const { value } = await reader.read();
  return {
    port: Number(Buffer.from(value!).toString()),
    processId: child.pid,
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await child.exited;
    },
  };
}
