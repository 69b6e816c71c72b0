/** The project's directory. */
const ROOT = new URL("..", import.meta.url).pathname;

/** What a command prints; "" where it fails or is not there. */
async function printed(command: string, args: readonly string[]) {
  try {
    const options = { args: [...args], cwd: ROOT };
    const { stdout } = await new Deno.Command(command, options).output();
    return new TextDecoder().decode(stdout).trim();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return "";
  }
}

/**
 * The arguments with which the tasks start Deno, so that V8 packs pairs of
 * vectors into registers of 256 bits.
 */
export const V8_FLAGS: readonly string[] = (await printed(
  Deno.execPath(),
  ["run", "-q", "--no-prompt", "scripts/v8_flags.ts"],
)).split(" ").filter((word) => word !== "");

/** Whether this host has such registers (AVX2) and V8 such flags. */
export const IS_WIDE = V8_FLAGS.length > 0 &&
  await printed("grep", ["-cw", "avx2", "/proc/cpuinfo"]) > "0";

if (!IS_WIDE) console.log("not tested with 256 bits: no AVX2 on Linux here");
