import assert from "node:assert/strict";
import fc from "fast-check";
import * as tf from "@tensorflow/tfjs";
import { kernelContext } from "../lib/wasm/kernel_context.ts";
import { drawCases } from "./draw_cases.ts";
import { BACKENDS, type Op, runOp } from "./ops_suite.ts";

/** An op y = −x of this test, done by a loop over the heap. */
function negate(x: tf.Tensor, change: (y: Float32Array) => void = () => {}) {
  const context = kernelContext("test");
  const y = context.output(x.shape);
  const values = context.view(y);
  x.dataSync().forEach((value, i) => values[i] = -value);
  change(values);
  return tf.engine().makeTensorFromTensorInfo(y);
}

const GOOD: Op<number[]> = {
  name: "negate()",
  tolerance: "exact",
  cases: { sizes: [[], [0], [-0, NaN, Infinity, -1, 2 ** -149]] },
  compute: (x) => ({ y: negate(tf.tensor1d(x)) }),
  expect: (x) => ({
    y: { shape: [x.length], values: x.map((v) => -v), signedZeros: true },
  }),
  refusals: () => [[() => tf.zeros([-1]), "Error", /[Nn]egative|integer/]],
};

/** The op with another computation. */
const computing = (change: (y: Float32Array) => void): Op<number[]> => ({
  ...GOOD,
  compute: (x) => ({ y: negate(tf.tensor1d(x), change) }),
});

/** A block of the heap that nobody frees. */
function malloc() {
  const { wasm } = tf.backend() as unknown as {
    wasm: { _malloc(bytes: number): number };
  };
  wasm._malloc(8);
}

const refusing = (...refusal: [() => unknown, string, string]) => ({
  ...GOOD,
  refusals: () => [refusal],
});

/** Faults, and the words that tell each. */
const FAULTY: Record<string, [Op<number[]>, RegExp]> = {
  "a wrong value": [
    computing((y) => y.length > 1 && (y[4] = 1)),
    /^\["-0","NaN","Infinity",-1,1\.\d+e-45\]: y: value 4 is 1, expected -1/,
  ],
  "a value that is not written": [
    {
      ...GOOD,
      compute: (x) => {
        const y = kernelContext("test").output([x.length]);
        return { y: tf.engine().makeTensorFromTensorInfo(y) };
      },
    },
    /value 0 is NaN, expected 0 ±/,
  ],
  "0 for −0": [
    computing((y) => y.length === 1 && (y[0] = 0)),
    /y: value 0 is 0, not -0/,
  ],
  "0 for −0 where others may be off": [
    {
      ...computing((y) => y.length === 1 && (y[0] = 0)),
      expect: (x) => ({ y: { ...GOOD.expect(x)!.y!, rtol: 1e-6 } }),
    },
    /y: value 0 is 0, not -0/,
  ],
  "another shape": [
    { ...GOOD, compute: (x) => ({ y: negate(tf.tensor(x, [1, x.length])) }) },
    /shape/,
  ],
  "a write behind the output": [
    computing((y) => {
      new Float32Array(y.buffer, y.byteOffset, y.length + 1)[y.length] = 1;
    }),
    /written outside of blocks/,
  ],
  "an addition behind the output": [
    computing((y) => {
      const more = new Float32Array(y.buffer, y.byteOffset, y.length + 1);
      more[y.length]! += 0.25;
    }),
    /written outside of blocks/,
  ],
  "a write before the output": [
    computing((y) => {
      new Float32Array(y.buffer, y.byteOffset - 4, 1)[0] = 1;
    }),
    /bytes -4 to -1 of a block/,
  ],
  "a write behind scratch, although there was more before": [
    computing((y) => {
      const context = kernelContext("test");
      context.scratch(64);
      const at = context.scratch(4);
      new Float32Array(y.buffer, at, 2)[1] = 1;
    }),
    /bytes 4 to 7 of a block of 4 bytes/,
  ],
  "a change of its input": [
    {
      ...GOOD,
      compute(values) {
        const x = tf.tensor1d(values), y = negate(x);
        kernelContext("test").view(x).fill(1);
        return { y };
      },
    },
    /an input is changed, at byte 2/,
  ],
  "a tensor left behind": [
    computing(() => void tf.keep(tf.scalar(1))),
    /left behind/,
  ],
  "a part of the heap left behind": [
    computing(() => void malloc()),
    /left behind/,
  ],
  "a refusal that is none": [
    refusing(() => tf.zeros([1]), "Error", "no"),
    /^no: Missing expected exception/,
  ],
  "another message": [
    refusing(() => tf.zeros([-1]), "Error", "no"),
    /^no: /,
  ],
  "a refusal that leaves something behind": [
    refusing(
      () => {
        malloc();
        throw new Error("no");
      },
      "Error",
      "no",
    ),
    /left behind/,
  ],
};

Deno.test("runOp() passes what conforms, on further backends too", async () => {
  let memory = await runOp(GOOD, BACKENDS[0]!);
  for (const options of BACKENDS.slice(1, 2)) {
    memory = await runOp(GOOD, options, memory);
  }
});

Deno.test("runOp() sees bits that depend on the threads", async () => {
  const memory = await runOp(GOOD, BACKENDS[0]!);
  const other = computing((y) => y.length === 1 && (y[0] = 0));
  await assert.rejects(
    runOp({ ...other, cases: GOOD.cases }, BACKENDS[1]!, memory),
    /y: other bits than the build's first run/,
  );
});

Deno.test("runOp() says how a case that fails is drawn again", async () => {
  const wrong = computing((y) => void y.fill(7));
  const drawn = (seed?: number) =>
    drawCases(fc.array(fc.nat(), { minLength: 20, maxLength: 30 }), 3, seed);
  const [first] = drawn(-5);
  assert.deepEqual(first, drawn(-5)[0]);
  assert.notDeepEqual(first, drawn()[0]);
  await assert.rejects(
    runOp({ ...wrong, cases: { drawn: [first!] } }, BACKENDS[0]!),
    { message: /^"\d+ values" \(number 0 by seed -5\): y: value 0 is 7/ },
  );
});

Deno.test("runOp() refuses on the first of an op's own backends", async () => {
  const op = refusing(() => tf.zeros([1]), "Error", "no");
  await assert.rejects(
    runOp({ ...op, backends: [BACKENDS[1]!] }, BACKENDS[1]!),
    /Missing expected exception/,
  );
});

Deno.test("runOp() sees what else must hold", async () => {
  const also = { "1 is 2": () => assert.equal(1, 2) };
  await assert.rejects(runOp({ ...GOOD, also }, BACKENDS[1]!), /1 !== 2/);
});

for (const [fault, [op, message]] of Object.entries(FAULTY)) {
  Deno.test(`runOp() sees ${fault}`, async () => {
    await assert.rejects(runOp(op, BACKENDS[0]!), { message });
  });
}
