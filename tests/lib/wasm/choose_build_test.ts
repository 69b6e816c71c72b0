import assert from "node:assert/strict";
import { compileKernels } from "../../../lib/wasm/kernel_module.ts";
import { chooseBuild } from "../../../lib/wasm/choose_build.ts";
import { IS_WIDE, V8_FLAGS } from "../../wide_host.ts";
import { inTemporaryDirectory } from "../../in_temporary_directory.ts";

const ROOT = new URL("../../../", import.meta.url).pathname;

async function deno(args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
  }).output();
  const text = new TextDecoder();
  assert.equal(code, 0, text.decode(stderr));
  return text.decode(stdout).trim();
}

/** The build that a process chooses, with the toolkit of a directory. */
function chosen(root: string, flags: readonly string[]): Promise<string> {
  const url = new URL("lib/wasm/choose_build.ts", `file://${root}`);
  const source = `import { chooseBuild } from "${url}";
    console.log((await chooseBuild()).simd);`;
  return deno([
    "run",
    "-q",
    "--no-prompt",
    "--no-config",
    `--allow-read=${root}`,
    ...flags,
    `data:application/typescript,${encodeURIComponent(source)}`,
  ]);
}

Deno.test({
  name: "chooseBuild() takes 256 bits where V8 packs pairs, start after start",
  ignore: !IS_WIDE,
  async fn() {
    for (let i = 0; i < 5; i++) {
      assert.equal(await chosen(ROOT, V8_FLAGS), "wide");
    }
  },
});

Deno.test("chooseBuild() takes 128 bits without V8's flags, start after start", async () => {
  for (let i = 0; i < 5; i++) assert.equal(await chosen(ROOT, []), "relaxed");
});

Deno.test({
  name: "chooseBuild() takes no build of other bits, however fast it is",
  ignore: !IS_WIDE, // so that relaxed rounds once, and simd128 twice
  async fn() {
    await inTemporaryDirectory(async (path) => {
      const copy = `${await Deno.realPath(path)}/`;
      for (const directory of ["lib/wasm", "kernels/build"]) {
        await Deno.mkdir(`${copy}${directory}`, { recursive: true });
        for await (const { name } of Deno.readDir(ROOT + directory)) {
          const file = `${directory}/${name}`;
          await Deno.copyFile(ROOT + file, copy + file);
        }
      }
      assert.equal(await chosen(copy, V8_FLAGS), "wide");
      const [wide, ...others] = ["wide", "simd128"]
        .map((name) => `${copy}kernels/build/${name}.wasm`);
      await Deno.copyFile(others[0]!, wide!);
      assert.equal(await chosen(copy, V8_FLAGS), "relaxed");
    });
  },
});

Deno.test("chooseBuild() takes what it is asked for, and 256 bits have the digest of 128", async () => {
  const { digest } = await compileKernels("relaxed");
  const fixed = await compileKernels("simd128");
  for (const simd of ["wide", "relaxed", "simd128"] as const) {
    const build = await chooseBuild(simd);
    assert.equal(build.simd, simd);
    assert.equal(build.digest, simd === "simd128" ? fixed.digest : digest);
  }
  assert.notEqual(digest, fixed.digest);
});
