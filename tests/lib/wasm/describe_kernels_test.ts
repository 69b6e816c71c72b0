import assert from "node:assert/strict";
import { WRITE_PARAMS } from "../../../lib/wasm/kernel_params.ts";
import { describeKernels } from "../../../lib/wasm/describe_kernels.ts";

/** What the generator makes of one source. */
function describe(source: string, others: [string, string][] = []): string {
  return describeKernels(new Map([["scale.ts", source], ...others]));
}

/** A source with a kernel that reads fields of a class. */
function scaleKernel(fields: string): string {
  return `@unmanaged
class ScaleParams {
${fields}}

export function scaleF32(params: usize, chunk: i32, _thread: i32): void {
  const p = changetype<ScaleParams>(params);
}
`;
}

Deno.test("describeKernels() writes an interface and a writer for a kernel's parameters", () => {
  const text = describe(
    scaleKernel("  x: usize; // f32 [size]\n  size: i32;\n  factor: f32;\n"),
  );
  assert.ok(text.includes(`/** \`ScaleParams\` of kernels/scale.ts. */
export interface ScaleParams {
  /** f32 [size] */
  readonly x: number;
  readonly size: number;
  readonly factor: number;
}
`));
  assert.ok(text.includes(`function writeScaleParams(
  params: ScaleParams,
  words: Int32Array,
  floats: Float32Array,
) {
  words[0] = params.x;
  words[1] = params.size;
  floats[2] = params.factor;
}
`));
  assert.ok(text.includes(`export interface KernelParams {
  scaleF32: ScaleParams;
}
`));
  assert.ok(text.endsWith(`} = {
  scaleF32: writeScaleParams,
};
`));
});

Deno.test("describeKernels() puts a base's fields first, and a list last", () => {
  const base = `@unmanaged
export class Examples {
  count: i32;
}
`;
  const text = describe(
    scaleKernel("  rank: i32;\n  // sizes: i32[]; // of \`rank\`\n")
      .replace("class ScaleParams", "class ScaleParams extends Examples"),
    [["examples.ts", base]],
  );
  assert.ok(text.includes(`export interface ScaleParams extends Examples {
  readonly rank: number;
  /** of \`rank\` */
  readonly sizes: readonly number[];
}
`));
  assert.ok(text.includes(`  _floats: Float32Array,
) {
  words[0] = params.count;
  words[1] = params.rank;
  params.sizes.forEach((value, i) => words[2 + i] = value);
}
`));
});

Deno.test("describeKernels() follows parameters that a kernel hands on", () => {
  const text = describe(
    scaleKernel("  x: usize;\n").replace("scaleF32", "scaleChunk<T>") +
      `
export function doubleF32(params: usize, chunk: i32, thread: i32): void {
  scaleChunk<Two>(params, chunk, thread);
}
`,
  );
  assert.ok(text.includes(`export interface KernelParams {
  doubleF32: ScaleParams;
}
`));
});

Deno.test("describeKernels() writes the exported integer constants alone", () => {
  const text = describe(`export const SHARED: i32 = 2;
export const OFFSET: usize = 1_024; // bytes
export const RATE: f32 = 1;
const OWN: i32 = 3;
`);
  const constants = text.match(/^export const \w+ = .*;$/gm);
  assert.deepEqual(constants, [
    "export const SHARED = 2;",
    "export const OFFSET = 1_024;",
  ]);
});

Deno.test("describeKernels() breaks a doc comment that is wider than 80 columns", () => {
  const doc = "one word after another ".repeat(5).trim();
  const text = describe(scaleKernel(`  x: usize; // ${doc}\n`));
  const lines = text.split("\n");
  assert.ok(lines.every((line) => line.length <= 80));
  assert.ok(lines.includes("  /**"));
  const words = text.replaceAll(/\s+(\* )?/g, " ");
  assert.ok(words.includes(doc));
});

Deno.test("describeKernels() refuses what it cannot describe", () => {
  const refuse = (source: string, message: string | RegExp) =>
    assert.throws(() => describe(source), { name: "Error", message });
  const is4 =
    "Cannot describe ScaleParams: each line must be a field of 4 bytes";
  refuse(scaleKernel("  sum: f64;\n"), `${is4}: got sum: f64;`);
  refuse(
    scaleKernel("  x: usize;\n  // a comment\n"),
    `${is4}: got // a comment`,
  );
  refuse(scaleKernel("  sizes: i32[];\n"), `${is4}: got sizes: i32[];`);
  refuse(
    scaleKernel("  // sizes: i32[];\n  x: usize;\n"),
    `${is4}: got // sizes: i32[];`,
  );
  const many = Array.from({ length: 65 }, (_, i) => `  x${i}: i32;\n`);
  refuse(
    scaleKernel(many.join("")),
    "Cannot describe ScaleParams: it must have at most 64 fields: got 65",
  );
  refuse(
    scaleKernel("").replace("<ScaleParams>", "<Other>"),
    "Cannot describe Other: it must be an @unmanaged class of kernels/: got none",
  );
  refuse(
    scaleKernel("").replace("changetype<ScaleParams>(params)", "0"),
    "Cannot describe scaleF32: it must say changetype<…>(params)",
  );
  refuse(
    "export const SIZE: i32 = 1;\nexport const SIZE: i32 = 2;\n",
    /^Cannot describe SIZE: its name must be its own: got kernels\/scale\.ts/,
  );
});

Deno.test("kernel_params.ts has a writer for each kernel of the committed builds", async () => {
  for (const name of ["relaxed", "simd128"]) {
    const url = new URL(`../../../kernels/build/${name}.wasm`, import.meta.url);
    const module = await WebAssembly.compile(await Deno.readFile(url));
    const kernels = WebAssembly.Module.exports(module)
      .map(({ name }) => name).filter((name) => name.endsWith("F32"));
    assert.deepEqual(Object.keys(WRITE_PARAMS).sort(), kernels.sort());
  }
});
