import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { ENTRY_WORDS, SCRATCH_HEADER } from "../../lib/wasm/kernel_params.ts";
import { readMemoryImport, readSections, SECTION } from "./wasm_module.ts";

const ROOT = new URL("../..", import.meta.url);
const KERNELS = new URL("kernels/", ROOT);
const BUILDS = ["wide", "relaxed", "simd128"] as const;

const wasm = Object.fromEntries(BUILDS.map((name) => [
  name,
  Deno.readFileSync(new URL(`kernels/build/${name}.wasm`, ROOT)),
]));

/** Runs the script of a project's directory, with the task's permissions. */
async function buildKernels(flags: string, cwd: URL | string = ROOT) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: `run --quiet --no-prompt -P=build scripts/build_kernels.ts ${flags}`
      .split(" "),
    cwd,
    env: { CI: "true", NO_COLOR: "1" },
  }).output();
  const text = new TextDecoder();
  return { code, stdout: text.decode(stdout), stderr: text.decode(stderr) };
}

Deno.test("the committed builds are what kernels/ compiles to", async () => {
  const { code, stdout, stderr } = await buildKernels("--check");
  assert.equal(stderr, "");
  assert.deepEqual(stdout.split("\n"), [
    "lib/wasm/kernel_params.ts  as compiled",
    "kernels/build/wide.wasm  as compiled",
    "kernels/build/relaxed.wasm  as compiled",
    "kernels/build/simd128.wasm  as compiled",
    "",
  ]);
  assert.equal(code, 0);
});

Deno.test("a kernel with an error is told by that error alone", async () => {
  const copy = await Deno.makeTempDir();
  try {
    await Deno.mkdir(`${copy}/scripts`);
    for (const name of ["deno.json", "deno.lock", "scripts/build_kernels.ts"]) {
      await Deno.copyFile(new URL(name, ROOT), `${copy}/${name}`);
    }
    for (const name of ["lib", "node_modules"]) {
      await Deno.symlink(new URL(name, ROOT), `${copy}/${name}`);
    }
    await Deno.mkdir(`${copy}/kernels`);
    for await (const { isFile, name } of Deno.readDir(KERNELS)) {
      if (!isFile) continue;
      await Deno.copyFile(new URL(name, KERNELS), `${copy}/kernels/${name}`);
    }
    await Deno.writeTextFile(
      `${copy}/kernels/mod.ts`,
      'export { lacking } from "./copy";\n',
      { append: true },
    );
    // With --check, since lib is the project's own.
    const { code, stdout, stderr } = await buildKernels("--check", copy);
    const lines = stderr.trimEnd().split("\n");
    assert.match(lines[0]!, /^ERROR .*no exported member 'lacking'/);
    assert.equal(
      lines.at(-1),
      "Cannot compile kernels: there must be no error: got 1 compile error(s)",
    );
    assert.ok(lines.length < 9, stderr);
    assert.equal(stdout, "");
    assert.equal(code, 1);
  } finally {
    await Deno.remove(copy, { recursive: true });
  }
});

Deno.test("the task that compiles refuses a flag that it does not have", async () => {
  const { code, stdout, stderr } = await buildKernels("--chek");
  assert.match(stderr, /--check/);
  assert.equal(stdout, "");
  assert.equal(code, 2);
});

/** How many fields of 4 bytes a class of a kernel's source has. */
function wordsOf(file: string, name: string): number {
  const source = Deno.readTextFileSync(new URL(`kernels/${file}`, ROOT));
  const [, body] = new RegExp(`^(?:export )?class ${name} {\n(.*?)^}`, "ms")
    .exec(source)!;
  return body!.match(/^ {2}\w+: (?:usize|i32|u32|f32);/gm)!.length;
}

Deno.test("the constants that the host lays out memory by fit their classes", () => {
  assert.equal(ENTRY_WORDS, wordsOf("parameter_table.ts", "ParameterEntry"));
  assert.ok(SCRATCH_HEADER >= 4 * wordsOf("mlp_epoch.ts", "Scratch"));
  assert.equal(SCRATCH_HEADER % 16, 0, "what follows is aligned");
});

for (const name of BUILDS) {
  Deno.test(`the ${name} build owns no memory`, () => {
    const ids = readSections(wasm[name]!).map(({ id }) => id);
    assert.ok(!ids.includes(SECTION.data), "a data segment");
    assert.ok(!ids.includes(SECTION.dataCount), "passive data segments");
    assert.deepEqual(readMemoryImport(wasm[name]!), {
      name: "env.memory",
      initial: 1,
      maximum: 65_536,
      shared: true,
    });
  });

  Deno.test(`the ${name} build has no start function`, () => {
    const ids = readSections(wasm[name]!).map(({ id }) => id);
    assert.ok(!ids.includes(8), "it would run once more in each worker");
  });
}

Deno.test("all builds export the same functions, which all are kernels or the pool's", () => {
  const [wide, relaxed, simd128] = BUILDS.map((name) =>
    WebAssembly.Module.exports(new WebAssembly.Module(wasm[name]!))
      .filter(({ kind }) => kind === "function").map(({ name }) => name).sort()
  );
  assert.deepEqual(wide, relaxed);
  assert.deepEqual(relaxed, simd128);
  const others = relaxed!.filter((name) =>
    !/^[a-z][A-Za-z0-9]*F32$/.test(name)
  );
  assert.deepEqual(others, [
    "awaitChunks",
    "awaitTask",
    "claimChunk",
    "completeChunk",
    "maddRoundsOnce",
    "publishTask",
  ]);
});

Deno.test("the simd128 build runs where relaxed SIMD is unknown", async () => {
  // The compiler's own copy of Binaryen, which validates by features.
  const require = createRequire(import.meta.resolve("assemblyscript/asc"));
  const { default: binaryen } = await import(
    pathToFileURL(require.resolve("binaryen")).href
  );
  const { Features } = binaryen;
  const required = Features.SIMD128 | Features.Atomics | Features.BulkMemory |
    Features.BulkMemoryOpt | Features.NontrappingFPToInt | Features.SignExt |
    Features.MutableGlobals;
  const instructions = (bytes: Uint8Array) => {
    const module = binaryen.readBinaryWithFeatures(bytes, Features.All);
    try {
      const text: string = module.emitText();
      if (bytes === wasm.simd128) {
        module.setFeatures(required);
        assert.equal(module.validate(), 1);
      }
      return new Set(text.match(/relaxed_\w+/g) ?? []);
    } finally {
      module.dispose();
    }
  };
  assert.deepEqual(instructions(wasm.simd128!), new Set());
  // Backend.fusedMultiplyAdd tells hosts apart by madd; of a full mask, as
  // comparisons make them, laneselect has the same result on all.
  for (const name of ["wide", "relaxed"] as const) {
    assert.deepEqual(
      [...instructions(wasm[name]!)].sort(),
      ["relaxed_laneselect", "relaxed_madd"],
    );
  }
});
