import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs";
import { getGradient } from "@tensorflow/tfjs-core";
import { kernelContext } from "../../../lib/wasm/kernel_context.ts";
import { assertAllClose, assertValuesClose } from "../../assert_all_close.ts";
import { assertSameValues } from "../../assert_same_values.ts";
import { centralDifferences } from "../../reference/central_differences.ts";
import * as reference from "../../reference/prelu.ts";
import { withBackend } from "../../with_backend.ts";
import { seededNumbers } from "./fixtures/seeded_tensor.ts";

const BUILDS = ["relaxed", "simd128"] as const;

/** Half the distance from 1 to the next float32. */
const UNIT = 2 ** -24;

/** As lib/ops/_run_slopes.ts cuts it. */
const CHUNK_SIZE = 32_768;

interface Case {
  x: reference.Shaped & { values: Float32Array };
  slopes: reference.Shaped & { values: Float32Array };
  dy: Float32Array;
}

/** Numbers that depend on the seed alone; some x are the kink. */
function seededCase(
  shape: readonly number[],
  slopeShape: readonly number[],
  seed: number,
): Case {
  const size = tf.util.sizeFromShape([...shape]);
  const values = seededNumbers(size, seed)
    .map((v, i) => i % 11 === 7 ? 0 : i % 13 === 5 ? -0 : v);
  return {
    x: { shape, values },
    slopes: {
      shape: slopeShape,
      values: seededNumbers(
        tf.util.sizeFromShape([...slopeShape]),
        seed + 1,
      ),
    },
    dy: seededNumbers(size, seed + 2),
  };
}

/** [y, dx, dSlopes] on the backend that runs. */
function compute({ x, slopes, dy }: Case): tf.Tensor[] {
  const inputs = [x, slopes].map(({ values, shape }) =>
    tf.tensor(values, [...shape])
  ) as [tf.Tensor, tf.Tensor];
  const gradients = tf.grads((x, slopes) => tf.prelu(x!, slopes!));
  return [
    tf.prelu(...inputs),
    ...gradients(inputs, tf.tensor(dy, [...x.shape])),
  ];
}

function bits(c: Case) {
  return tf.tidy(() => compute(c).map((tensor) => tensor.dataSync()));
}

/**
 * Checks one call against the oracle. y and dx are one product each. A term of
 * dSlopes is one product; the most additions in float32 that a term goes
 * through are those of a chunk, 16 side by side or one per column, and few
 * others.
 */
function check(c: Case) {
  tf.tidy(() => {
    const [y, dx, dSlopes] = compute(c);
    const expected = reference.preluGrad(c.x, c.slopes, c.dy);
    const once = { rtol: UNIT, atol: 2 ** -149 };
    const { shape } = c.x, dtype = "float32";
    const values = reference.prelu(c.x, c.slopes);
    assertAllClose(y!, { dtype, shape, values }, once);
    assertAllClose(dx!, { dtype, shape, values: expected.dx }, once);
    const additions = Math.min(c.dy.length, CHUNK_SIZE) + 2;
    assertAllClose(
      dSlopes!,
      { dtype, shape: c.slopes.shape, values: expected.dSlopes },
      {
        rtol: UNIT,
        atol: expected.magnitudes.map((sum) => 1.01 * additions * UNIT * sum),
      },
    );
  });
}

/** All shapes that broadcast to `shape`, without the leading ones too. */
function slopeShapes(shape: readonly number[]): number[][] {
  const whole = shape.reduce<number[][]>(
    (shapes, size) => shapes.flatMap((rest) => [[...rest, 1], [...rest, size]]),
    [[]],
  );
  return [
    ...whole,
    ...whole.filter(([first]) => first === 1).map(([, ...rest]) => rest),
  ];
}

const HAND = [
  // x, slopes, y
  [[[-1, -1], [-1, -1]], [[1], [2]], [[-1, -1], [-2, -2]]],
  [[[-1, -1], [-1, -1]], [1, 2], [[-1, -2], [-1, -2]]],
  [[[-1, 4], [-2, -3]], 3, [[-3, 4], [-6, -9]]],
  [[[-1, 4], [-2, -3]], [[3]], [[-3, 4], [-6, -9]]],
  [[[[-1, -1], [-1, -1]]], [[[1], [2]]], [[[-1, -1], [-2, -2]]]],
  [[[-1, -2], [-3, 4]], [[1, 2], [3, 4]], [[-1, -4], [-9, 4]]],
  [[[[-1], [-2]], [[-3], [-4]]], [[[2]], [[5]]], [
    [[-2], [-4]],
    [[-15], [-20]],
  ]],
  [-2, 3, -6],
] as const;

Deno.test("tf.prelu() has the values worked out by hand, slopes of any shape", async () => {
  await withBackend({ threads: 1 }, () => {
    for (const [x, slopes, y] of HAND) {
      const tensor = (values: unknown) => tf.tensor(values as number[]);
      const got = tf.prelu(tensor(x), tensor(slopes));
      assert.deepEqual(got.arraySync(), y);
    }
  });
});

Deno.test("the oracle of PReLU has the gradient that differences have", () => {
  const h = 1e-4, off = { rtol: 1e-9, atol: 1e-9 };
  for (const slopeShape of slopeShapes([2, 3, 4])) {
    const { x, slopes, dy } = seededCase([2, 3, 4], slopeShape, 3);
    const away = { ...x, values: x.values.map((v) => v || 1) };
    const weighted = (y: Float64Array) =>
      y.reduce((sum, value, i) => sum + value * dy[i]!, 0);
    const expected = reference.preluGrad(away, slopes, dy);
    const overX = (values: ArrayLike<number>) =>
      weighted(reference.prelu({ ...away, values }, slopes));
    const overSlopes = (values: ArrayLike<number>) =>
      weighted(reference.prelu(away, { ...slopes, values }));
    assertValuesClose(
      centralDifferences(overX, Float64Array.from(away.values), h),
      expected.dx,
      off,
    );
    assertValuesClose(
      centralDifferences(overSlopes, Float64Array.from(slopes.values), h),
      expected.dSlopes,
      off,
    );
  }
});

/** Beyond one chunk, in every way that a dimension can be cut. */
const LARGE: [number[], number[]][] = [
  [[100_003], []],
  [[100_003], [100_003]],
  [[1_001, 33], [33]],
  [[33, 1_001], [33, 1]],
  [[2, 40_000], [2, 1]],
  [[3, 40_001], [40_001]],
  [[3, 33_000, 2], [3, 1, 2]],
  [[3, 33_000, 2], [33_000, 1]],
  [[2, 3, 12_001, 2], [3, 1, 2]],
  [[2, 3, 12_001, 2], [2, 1, 12_001, 1]],
  [[20_000, 2, 3, 2], [2, 1, 2]],
  [[2, 20_000, 3], [2, 1, 3]],
  [[64, 5, 5, 24], [24]],
];

for (const simd of BUILDS) {
  for (const threads of [1, 2, 4]) {
    Deno.test(`tf.prelu() and its gradients conform (${simd}, threads: ${threads})`, async (t) => {
      await withBackend({ threads, simd }, async () => {
        await t.step("every way to broadcast, every tail", () => {
          // deno-fmt-ignore -- a list of shapes
          const shapes = [
            [], [1], [7], [2, 3], [3, 2, 4], [2, 3, 5, 4], [2, 1, 3, 2, 3],
            [1, 4, 1, 19], [2, 3, 2, 2, 3, 2], [0, 3], [3, 0],
            ...Array.from({ length: 20 }, (_, i) => [3, 16 + i]),
          ];
          shapes.forEach((shape, seed) => {
            for (const slopes of slopeShapes(shape)) {
              check(seededCase(shape, slopes, seed));
            }
          });
        });
        await t.step("several chunks", () => {
          LARGE.forEach(([shape, slopes], seed) =>
            check(seededCase(shape, slopes, seed))
          );
        });
      });
    });
  }
}

Deno.test("tf.prelu() gives the same bits at 1, 2 and 8 threads", async () => {
  const cases = LARGE.map(([shape, slopes], i) => seededCase(shape, slopes, i));
  const at = (threads: number) =>
    withBackend({ threads }, () => cases.map(bits));
  const one = await at(1);
  for (const threads of [2, 8]) {
    for (const [i, many] of (await at(threads)).entries()) {
      many.forEach((values, j) =>
        assertSameValues(
          values,
          one[i]![j]!,
          `${["y", "dx", "dSlopes"][j]} ${LARGE[i]}`,
        )
      );
    }
  }
});

// deno-fmt-ignore -- a list of numbers
const SPECIAL = [
  0, -0, 1, -1, 2 ** -149, -(2 ** -149), NaN, Infinity, -Infinity,
];

Deno.test("tf.prelu() and its fused forms take ±0, NaN and ±∞ as the cpu backend does", async () => {
  await withBackend({ threads: 1 }, async () => {
    const triples = SPECIAL.flatMap((x) =>
      SPECIAL.flatMap((slope) => SPECIAL.map((dy) => [x, slope, dy]))
    );
    const column = (i: number) =>
      Float32Array.from(triples, (triple) => triple[i]!);
    const [x, slope, dy] = [column(0), column(1), column(2)];
    const shape = [triples.length];
    const run = () => [
      ...bits({
        x: { shape, values: x },
        slopes: { shape, values: slope },
        dy,
      }),
      ...SPECIAL.flatMap((slope) => fusedForms(x, slope)),
    ];
    const ours = run();
    await tf.setBackend("cpu");
    const theirs = run();
    await tf.setBackend("wasm");
    ours.forEach((values, i) => {
      // Where nothing is added to a slope's gradient, 0 may have either sign.
      const plain = (values: ArrayLike<number>) =>
        i === 2 ? Float32Array.from(values, (v) => v + 0) : values;
      assertSameValues(plain(values), plain(theirs[i]!), `result ${i}`);
    });
  });
});

/** x by a matrix and by a filter that are the number 1, then PReLU. */
function fusedForms(x: Float32Array, slope: number) {
  return tf.tidy(() => {
    const preluActivationWeights = tf.tensor1d([slope]);
    const activation = "prelu" as const;
    return [
      tf.fused.matMul({
        a: tf.tensor2d(x, [x.length, 1]),
        b: tf.ones([1, 1]),
        activation,
        preluActivationWeights,
      }),
      tf.fused.conv2d({
        x: tf.tensor4d(x, [1, x.length, 1, 1]),
        filter: tf.ones([1, 1, 1, 1]),
        strides: 1,
        pad: "valid",
        activation,
        preluActivationWeights,
      }),
    ].map((y) => y.dataSync());
  });
}

Deno.test("tf.layers.prelu() trains slopes that it shares over any axes", async () => {
  await withBackend({ threads: 2 }, () => {
    const shape = [4, 3, 5, 2];
    const ways = [[], [1], [2], [3], [1, 2], [1, 3], [2, 3], [1, 2, 3]];
    ways.forEach((sharedAxes, seed) => {
      const layer = tf.layers.prelu(
        (sharedAxes.length > 0 ? { sharedAxes } : {}) as never,
      );
      layer.build(shape);
      const slopeShape = [3, 5, 2].map((size, i) =>
        sharedAxes.includes(i + 1) ? 1 : size
      );
      const c = seededCase(shape, slopeShape, seed);
      layer.setWeights([tf.tensor(c.slopes.values, slopeShape)]);
      const x = tf.tensor(c.x.values, shape);
      const { grads } = tf.variableGrads(() =>
        tf.sum(
          tf.mul(layer.apply(x) as tf.Tensor, tf.tensor(c.dy, shape)),
        ) as tf.Scalar
      );
      const { dSlopes } = reference.preluGrad(c.x, c.slopes, c.dy);
      const [gradient] = Object.values(grads);
      assertAllClose(
        gradient!,
        { dtype: "float32", shape: slopeShape, values: dSlopes },
        { rtol: 1e-6, atol: 1e-6 },
      );
    });
  });
});

Deno.test("tf.prelu() takes int32 and bool as numbers, as the cpu backend does", async () => {
  await withBackend({ threads: 1 }, async () => {
    const run = () =>
      tf.tidy(() => {
        const x = tf.tensor1d([-3, 0, 5], "int32");
        const slope = tf.tensor1d([2], "int32");
        const y = tf.prelu(x, tf.tensor1d([0.5]));
        const z = tf.prelu(tf.tensor1d([-1.5, 2]), slope);
        const [dx, dSlope] = tf.grads((x, slope) => tf.prelu(x!, slope!))([
          x,
          slope,
        ]);
        const flags = tf.prelu(tf.tensor1d([true, false], "bool"), slope);
        return [y, z, dx!, dSlope!, flags].map((t) => [
          t.dtype,
          Array.from(t.dataSync()),
        ]);
      });
    const before = tf.backend().numDataIds();
    const ours = run();
    assert.deepEqual(ours.slice(0, 2), [
      ["float32", [-1.5, 0, 5]],
      ["float32", [-3, 2]],
    ]);
    assert.equal(tf.backend().numDataIds(), before);
    await tf.setBackend("cpu");
    assert.deepEqual(ours, run());
    await tf.setBackend("wasm");
  });
});

Deno.test("tf.prelu() refuses slopes that do not broadcast to x, and leaves no tensor behind", async () => {
  await withBackend({ threads: 1 }, () => {
    const before = tf.backend().numDataIds();
    const refused: [number[], number[]][] = [
      [[2], [2, 2]],
      [[2, 3], [2]],
      [[2, 3], [3, 1]],
      [[1], [2]],
      [[], [2]],
      [[2, 3], [1, 2, 3]],
      [[2, 3], [0]],
    ];
    for (const [shape, slopes] of refused) {
      for (const dtype of ["float32", "int32"] as const) {
        assert.throws(
          () =>
            tf.tidy(() => tf.prelu(tf.zeros(shape, dtype), tf.zeros(slopes))),
          {
            name: "RangeError",
            message:
              `Cannot compute prelu: alpha must broadcast to x, [${shape}]: got [${slopes}]`,
          },
        );
      }
    }
    assert.equal(tf.backend().numDataIds(), before);
  });
});

Deno.test("PReLU's kernels write nothing outside of their outputs, unaligned ones too", async () => {
  // deno-fmt-ignore -- a table
  const layouts = [
    { of: "[35], []", size: 35, chunkSize: 40, period: 40, periodSlopes: 1, shared: 1, row: 40, columns: 0, sizes: [], slopes: 1, sums: 1 },
    { of: "[35]", size: 35, chunkSize: 20, period: 20, periodSlopes: 20, shared: 0, row: 20, columns: 1, sizes: [], slopes: 35, sums: 35 },
    { of: "[7, 5], [5]", size: 35, chunkSize: 15, period: 5, periodSlopes: 5, shared: 1, row: 5, columns: 1, sizes: [], slopes: 5, sums: 15 },
    { of: "[7, 1]", size: 35, chunkSize: 15, period: 5, periodSlopes: 1, shared: 0, row: 5, columns: 0, sizes: [], slopes: 7, sums: 7 },
    { of: "[2, 1]", size: 42, chunkSize: 12, period: 6, periodSlopes: 2, shared: 1, row: 3, columns: 0, sizes: [2], slopes: 2, sums: 8 },
    { of: "[7, 1, 3]", size: 42, chunkSize: 12, period: 6, periodSlopes: 3, shared: 0, row: 3, columns: 1, sizes: [2], slopes: 21, sums: 21 },
  ];
  const GUARD = 64;
  for (const simd of BUILDS) {
    await withBackend({ threads: 2, simd }, ({ memory }) => {
      const { pool, pointer } = kernelContext("test");
      for (const { of, slopes, sums, ...fields } of layouts) {
        const { size, chunkSize } = fields;
        const chunks = Math.ceil(size / chunkSize);
        for (const shift of [0, 1, 2, 3]) {
          const lengths = [size, slopes, size, size, sums];
          const spans = lengths.map((length) => GUARD + length + shift);
          const block = tf.fill([spans.reduce((a, b) => a + b) + GUARD], 7);
          const start = pointer(block);
          const values = new Float32Array(memory.buffer, start, block.size);
          let at = 0;
          const places = spans.map((span, i) => {
            at += span;
            values.fill(-0.5, at - lengths[i]!, at);
            return at - lengths[i]!;
          });
          const outside = () => {
            const copy = values.slice();
            places.slice(3).forEach((from, i) =>
              copy.fill(0, from, from + lengths[i + 3]!)
            );
            return copy;
          };
          const before = outside();
          const [xAt, slopesAt, dyAt, outAt, sumsAt] = places.map((place) =>
            start + 4 * place
          ) as [number, number, number, number, number];
          const params = {
            ...fields,
            rank: fields.sizes.length,
            x: xAt,
            slopes: slopesAt,
            dy: dyAt,
            out: outAt,
            sums: sumsAt,
          };
          pool.run("preluForwardF32", chunks, params);
          const out = () => values.slice(places[3]!, places[3]! + size);
          assert.ok(out().every((value) => value === 0.25), of);
          pool.run("preluBackwardF32", chunks, params);
          assert.ok(out().every((value) => value === 0.25), of);
          const sum = values.slice(places[4]!, places[4]! + sums)
            .reduce((a, b) => a + b);
          assert.equal(sum, 0.25 * size, of);
          assertSameValues(outside(), before, `${of}, shift ${shift}`);
          block.dispose();
        }
      }
    });
  }
});

Deno.test("stop() puts TF.js's gradient of Prelu back", async () => {
  const before = getGradient("Prelu");
  await withBackend({ threads: 1 }, () => {
    assert.notEqual(getGradient("Prelu"), before);
  });
  assert.equal(getGradient("Prelu"), before);
});
