/**
 * Runs a script's work and exits with the code it returns; what it throws is printed as one `error:` line and exits 1.
 * @param {() => Promise<number>} work
 */
export async function main(work) {
  try {
    process.exitCode = await work();
  } catch (error) {
    process.exitCode = 1;
    console.error(`error: ${error instanceof Error ? error.message : String(error)}`);
  }
}
