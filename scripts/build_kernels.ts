/**
 * Compiles kernels/ to the two committed modules of kernels/build/: with
 * relaxed SIMD, and without it for hosts that lack it.
 *
 *   deno task build:kernels           write kernels/build/*.wasm
 *   deno task build:kernels --check   compile, compare with what is there
 */
import asc from "assemblyscript/asc";

const ROOT = new URL("..", import.meta.url);

/** The committed builds and the compiler flags in which they differ. */
const BUILDS = {
  relaxed: ["--enable", "relaxed-simd"],
  simd128: [],
} as const;

const FLAGS = [
  ...["--runtime", "stub", "--noAssert", "-O3"],
  ...["--importMemory", "--sharedMemory", "--maximumMemory", "65536"],
  ...["--initialMemory", "1", "--enable", "threads", "--enable", "simd"],
];

async function compile(features: readonly string[]): Promise<Uint8Array> {
  let wasm: Uint8Array | undefined;
  const { error, stderr } = await asc.main(
    ["kernels/mod.ts", ...FLAGS, ...features, "--outFile", "out.wasm"],
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
    throw new Error(
      `Cannot compile kernels: ${error?.message}\n${stderr.toString()}`,
    );
  }
  return wasm;
}

async function main() {
  const check = Deno.args.includes("--check");
  for (const [name, features] of Object.entries(BUILDS)) {
    const path = `kernels/build/${name}.wasm`;
    const wasm = await compile(features);
    if (!check) {
      await Deno.mkdir(new URL("kernels/build", ROOT), { recursive: true });
      await Deno.writeFile(new URL(path, ROOT), wasm);
      console.log(`${path}  ${wasm.length} bytes`);
      continue;
    }
    const committed = await Deno.readFile(new URL(path, ROOT));
    const same = committed.length === wasm.length &&
      committed.every((byte, i) => byte === wasm[i]);
    if (!same) {
      throw new Error(
        `${path} is not what kernels/ compiles to: run deno task build:kernels`,
      );
    }
    console.log(`${path}  as compiled`);
  }
}

if (import.meta.main) await main();
