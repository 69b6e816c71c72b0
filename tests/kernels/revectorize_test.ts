import assert from "node:assert/strict";
import { IS_WIDE, V8_FLAGS } from "../wide_host.ts";

/**
 * The functions that V8 must pack in the wide build, by their files and names
 * in kernels/, where * stands for any type, and how many pairs of vector
 * operations that compute each has at least: those of its inner loop, so that
 * a loop that V8 leaves as it is fails. What fails is told with all functions'
 * counts.
 */
const HOT: Readonly<Record<string, number>> = {
  "conv2d_rows/convolveGroup": 8,
  "conv2d_tiles/tiles<Six,Two>": 48,
  "conv2d_tiles/tiles<Six,Three>": 48,
  "conv2d_tiles/tiles<*,Two>": 8,
  "conv2d_tiles/tiles<*,Three>": 8,
  "conv2d_winograd/transformOutputs": 32,
  "conv2d_winograd_transforms/transformInputs": 14,
  "conv2d_winograd_transforms/expand<Four>": 10,
  "conv2d_winograd_transforms/expand<Three>": 8,
  "conv2d_winograd_transforms/reduce<Four,Two>": 16,
  "conv2d_winograd_transforms/reduce<Three,One>": 11,
  "conv2d_filter_grad_tiles/tile<Six,One>": 24,
  "conv2d_filter_grad_tiles/tile<Six,Two>": 48,
  "conv2d_filter_grad_tiles/tile<*,Two>": 8,
  "madd_peak/maddPeakF32": 23,
  "mat_mul_tile/tiles<*,Six,Two>": 48,
  "mat_mul_tile/tiles<*,Six,One>": 24,
  "mat_mul_tile/tiles<*,Four,Two>": 32,
  "mat_mul_tile/tiles<*,Four,One>": 16,
};

/** So V8 compiles all functions for good, at once, and one after the other. */
const TRACED = "--trace-wasm-revectorize,--no-liftoff," +
  "--no-wasm-lazy-compilation,--single-threaded";

/** An operation of vectors that computes, in the list of what is packed. */
const COMPUTING = /: Simd128(?:Unary|Binop|Shift|Ternary)\[/g;

/** How many pairs of operations that compute V8 packs, by function. */
async function packedPairs(): Promise<Map<string, number>> {
  const { pathname } = new URL(
    "../../kernels/build/wide.wasm",
    import.meta.url,
  );
  const source = `new WebAssembly.Module(Deno.readFileSync("${pathname}"))`;
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-q",
      "--no-prompt",
      "--no-config",
      `--allow-read=${pathname}`,
      `${V8_FLAGS.join(" ")},${TRACED}`,
      `data:application/javascript,${encodeURIComponent(source)}`,
    ],
  }).output();
  const text = new TextDecoder();
  assert.equal(code, 0, text.decode(stderr));
  const traces = text.decode(stdout).matchAll(
    /^Begin revec function (?:kernels\/)?(\S+)\n([^]*?)^Finished revec/gm,
  );
  return new Map([...traces].map(([, name, trace]) => {
    const decided = trace!.match(
      /Decided to vectorize, \d+ revectorizable nodes[^]*?Decided/g,
    );
    const pairs = decided?.join("").match(COMPUTING) ?? [];
    return [name!.replaceAll("kernels/static_number/", ""), pairs.length];
  }));
}

Deno.test({
  name: "V8 packs pairs of vectors in the loops of the wide build",
  ignore: !IS_WIDE,
  async fn() {
    const packed = await packedPairs();
    const faults = Object.entries(HOT).flatMap(([name, pairs]) => {
      const [start, end] = name.split("*");
      const found = [...packed].filter(([one]) =>
        end === undefined
          ? one === name
          : one.startsWith(start!) && one.endsWith(end)
      );
      if (found.length === 0) return [`${name}: there is no such function`];
      return found.filter(([, count]) => count < pairs)
        .map(([one, count]) => `${one}: ${count} pairs, not ${pairs}`);
    });
    assert.deepEqual(
      faults,
      [],
      [...packed].map((one) => one.join(" "))
        .sort().join("\n"),
    );
  },
});
