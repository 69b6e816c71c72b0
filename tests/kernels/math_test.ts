import assert from "node:assert/strict";
import asc from "assemblyscript/asc";
import { createRandom } from "../../lib/base/random.ts";

interface Functions {
  expF64(x: number): number;
  logF64(x: number): number;
}

/** kernels/math.ts on its own: the committed builds do not export it. */
async function compileMath(): Promise<Functions> {
  const root = new URL("../..", import.meta.url);
  let wasm: Uint8Array | undefined;
  const { error, stderr } = await asc.main(
    ["kernels/math.ts", "--runtime", "stub", "-O3", "--outFile", "out.wasm"],
    {
      readFile: (name) =>
        name === "kernels/math.ts"
          ? Deno.readTextFileSync(new URL(name, root))
          : null,
      writeFile: (_name, contents) => void (wasm = contents as Uint8Array),
      listFiles: () => [],
    },
  );
  assert.equal(error, null, stderr.toString());
  const module = new WebAssembly.Module(wasm! as Uint8Array<ArrayBuffer>);
  return new WebAssembly.Instance(module).exports as unknown as Functions;
}

const { expF64, logF64 } = await compileMath();

/** JavaScript's own are within one unit in the last place, 2.3e-16. */
function assertAccurate(
  actual: (x: number) => number,
  expected: (x: number) => number,
  values: Iterable<number>,
) {
  for (const x of values) {
    const error = Math.abs(actual(x) / expected(x) - 1);
    if (!(error < 1e-15)) assert.fail(`off by ${error} at ${x}`);
  }
}

Deno.test("expF64() is within 1e-15 of e^x", () => {
  const random = createRandom(1);
  const values = [-708, -1, -1e-9, 1e-300, 1, 709];
  for (let i = 0; i < 50_000; i++) {
    values.push(-708 + 1_417 * random.uniform(), -40 * random.uniform());
  }
  // where the reduction changes over: odd multiples of ln 2 / 2
  for (let k = -2_041; k < 2_046; k += 2) {
    for (const off of [-1e-12, 0, 1e-12]) values.push(k * Math.LN2 / 2 + off);
  }
  assertAccurate(expF64, Math.exp, values);
});

Deno.test("expF64() has e^0 and the ends exactly", () => {
  assert.equal(expF64(0), 1);
  assert.equal(expF64(-0), 1);
  for (const x of [-708.01, -745, -1e6, -1e300, -Infinity]) {
    assert.equal(expF64(x), 0);
  }
  assert.ok(Number.isNaN(expF64(NaN)));
});

Deno.test("logF64() is within 1e-15 of ln x, away from 1", () => {
  const random = createRandom(2);
  const values = [
    2 ** -1022,
    0.5,
    2,
    Math.SQRT2,
    Math.SQRT1_2,
    Number.MAX_VALUE,
  ];
  for (let i = 0; i < 50_000; i++) {
    values.push(2 ** (2_040 * random.uniform() - 1_020));
    values.push(1.5 + 10_000 * random.uniform(), 0.1 + 0.5 * random.uniform());
  }
  assertAccurate(logF64, Math.log, values);
});

Deno.test("logF64() is within 4e-16 of ln x near 1, and exact there", () => {
  const random = createRandom(3);
  assert.equal(logF64(1), 0);
  for (let i = 0; i < 50_000; i++) {
    const x = 1 + 0.5 * (random.uniform() - 0.5) * 2 ** -(i % 50);
    const error = Math.abs(logF64(x) - Math.log(x));
    if (!(error < 4e-16)) assert.fail(`off by ${error} at ${x}`);
  }
});

Deno.test("logF64() passes NaN and Infinity", () => {
  assert.ok(Number.isNaN(logF64(NaN)));
  assert.equal(logF64(Infinity), Infinity);
});
