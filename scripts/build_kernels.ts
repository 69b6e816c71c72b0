/**
 * Compiles kernels/ to the committed modules of kernels/build/: with relaxed
 * SIMD; without it, for hosts that lack it; and with it and with tiles that
 * fill registers of 256 bits, for a V8 that packs pairs of vectors into those.
 * What the host must know of the sources, the kernels' parameters and the
 * constants that both sides use, goes to lib/wasm/kernel_params.ts.
 *
 *   deno task build:kernels           write the files
 *   deno task build:kernels --check   compile, compare with what is there
 */
import asc from "assemblyscript/asc";
import { parseFlags } from "../lib/cli/command_line.ts";
import { booleanFlag } from "../lib/cli/flags.ts";
import { runMain } from "../lib/cli/run_main.ts";
import { describeKernels } from "../lib/wasm/describe_kernels.ts";

const FLAGS = {
  check: booleanFlag({
    describe: "write nothing, and compare with the files that are there",
  }),
};

const ROOT = new URL("..", import.meta.url);

/**
 * The committed builds and the compiler flags in which they differ. WIDE is
 * another name for one of the compiler's constants: for a true or a false one.
 */
const BUILDS = {
  wide: "--enable relaxed-simd --use WIDE=ASC_FEATURE_SIMD",
  relaxed: "--enable relaxed-simd --use WIDE=ASC_FEATURE_GC",
  simd128: "--use WIDE=ASC_FEATURE_GC",
} as const;

// --noColors, since the compiler colours pipes too where CI is set; --debug for
// the functions' names, by which profiles and V8's traces call them.
const ASC_FLAGS = "--noColors --debug " +
  "--runtime stub --noAssert -O3 --importMemory --sharedMemory " +
  "--initialMemory 1 --maximumMemory 65536 --enable threads --enable simd";

async function compile(features: string): Promise<Uint8Array> {
  let wasm: Uint8Array | undefined;
  const { error, stderr } = await asc.main(
    [
      "kernels/mod.ts",
      ...ASC_FLAGS.split(" "),
      ...features.split(" "),
      "--disableWarning",
      "--outFile",
      "out.wasm",
    ],
    {
      readFile: (name) => {
        try {
          return Deno.readTextFileSync(new URL(name, ROOT));
        } catch {
          return null; // the compiler tries several names for an import
        }
      },
      writeFile: (_name, contents) => {
        wasm = contents as Uint8Array;
      },
      listFiles: () => [],
    },
  );
  if (error || !wasm) {
    console.error(stderr.toString().replace(/^FAILURE .*\n/m, "").trimEnd());
    throw new Error(
      `Cannot compile kernels: there must be no error: got ${error?.message}`,
    );
  }
  return wasm;
}

/** The texts of the files of kernels/, by their names. */
function readSources(): Map<string, string> {
  const folder = new URL("kernels/", ROOT);
  return new Map(
    [...Deno.readDirSync(folder)].filter(({ isFile }) => isFile)
      .map(({ name }) => [name, Deno.readTextFileSync(new URL(name, folder))]),
  );
}

/** Writes a file, or looks whether it is what would be written. */
async function bring(path: string, bytes: Uint8Array, check: boolean) {
  const url = new URL(path, ROOT);
  if (!check) {
    await Deno.writeFile(url, bytes);
    console.log(`${path}  ${bytes.length} bytes`);
    return;
  }
  const committed = await Deno.readFile(url);
  const same = committed.length === bytes.length &&
    committed.every((byte, i) => byte === bytes[i]);
  if (!same) {
    throw new Error(
      `Cannot take ${path}: it must be what kernels/ compiles to: got other bytes; deno task build:kernels writes it`,
    );
  }
  console.log(`${path}  as compiled`);
}

async function main() {
  const { check } = parseFlags(
    "build:kernels",
    "Compiles kernels/ to kernels/build/.",
    FLAGS,
    Deno.args,
  );
  const described = new TextEncoder().encode(describeKernels(readSources()));
  const files = new Map<string, Uint8Array>([
    ["lib/wasm/kernel_params.ts", described],
  ]);
  for (const [name, features] of Object.entries(BUILDS)) {
    files.set(`kernels/build/${name}.wasm`, await compile(features));
  }
  // Only now, so that sources with an error leave all files as they are.
  for (const [path, bytes] of files) await bring(path, bytes, check);
}

if (import.meta.main) await runMain(main);
