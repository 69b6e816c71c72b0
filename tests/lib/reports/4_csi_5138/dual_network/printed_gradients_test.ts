import assert from "node:assert/strict";
import { createRandom } from "../../../../../lib/base/random.ts";
import {
  drawExample,
  relativeError,
} from "../../../../../lib/reports/4_csi_5138/dual_network/check_gradients.ts";
import {
  dualNetwork,
  forwardNetwork,
} from "../../../../../lib/reports/4_csi_5138/dual_network/dual_network.ts";
import {
  ONES,
  printedGradients,
} from "../../../../../lib/reports/4_csi_5138/dual_network/printed_gradients.ts";
import { matrixOf } from "../../../../../lib/matrices/matrix.ts";
import { assertValuesClose } from "../../../../assert_all_close.ts";

const LAST_BITS = { rtol: 1e-12, atol: 1e-14 };

Deno.test("printedGradients() has the scalar formula's value, term by term", () => {
  const random = createRandom(5);
  for (let round = 0; round < 20; round++) {
    const { x, ...parameters } = drawExample(1, random);
    const activations = forwardNetwork(parameters, x);
    const [a, b, s] = [parameters.A, parameters.B, x]
      .map(({ values }) => values[0]!) as [number, number, number];
    const u = 1 / (1 + Math.exp(-a * s));
    const through = a * a * b * s * u * (1 - u) * s; // a² v σ′ x
    const direct = 2 * a * u * b * s; // a h, twice
    const twoW = 2 * a * a * u * b * s;
    for (const one of ONES) {
      const late = printedGradients(parameters, activations, {
        one,
        bracket: "late",
      });
      const early = printedGradients(parameters, activations, {
        one,
        bracket: "early",
      });
      assertValuesClose(late.A.values, [twoW * (through + direct)], LAST_BITS);
      assertValuesClose(early.A.values, [twoW * through + direct], LAST_BITS);
      assertValuesClose(late.B.values, [twoW * a * a * u * s], LAST_BITS);
      assert.deepEqual(early.B, late.B);
    }
  }
});

Deno.test("printedGradients() gives one column where 1 is a number", () => {
  const { x, ...parameters } = drawExample(3, createRandom(0));
  const activations = forwardNetwork(parameters, x);
  const { A, B } = printedGradients(parameters, activations, {
    one: "number",
    bracket: "late",
  });
  assert.deepEqual([A.rows, A.columns, B.rows, B.columns], [3, 1, 3, 1]);
});

/** M v, by the definition. */
const apply = (M: number[][], v: number[]) =>
  M.map((row) => row.reduce((sum, entry, j) => sum + entry * v[j]!, 0));

Deno.test("printedGradients() has the matrices of its other readings", () => {
  const { A, B, x } = drawExample(3, createRandom(1));
  const lines = (values: Float64Array) =>
    [0, 3, 6].map((start) => [...values.subarray(start, start + 3)]);
  const [a, b] = [lines(A.values), lines(B.values)];
  const s = [...x.values];
  const u = apply(a, s).map((y) => 1 / (1 + Math.exp(-y)));
  const v = apply(b, s);
  const z = apply(a, u.map((u, i) => u * v[i]!));
  const w = apply(a, z);
  const AAu = apply(a, apply(a, u));
  const AAvs = apply(a, apply(a, u.map((u, i) => v[i]! * u * (1 - u))));
  // A A (u ⊙ x 1ᵀ) has equal columns: A A (u ⊙ x)
  const AAux = apply(a, apply(a, u.map((u, i) => u * s[i]!)));
  const matrix = (entry: (i: number, j: number) => number) =>
    matrixOf(3, 3, entry).values;
  // deno-fmt-ignore -- a line a formula
  const expected = {
    transpose: {
      early: matrix((i, j) => 2 * w[i]! * AAvs[i]! * s[j]! + 2 * z[j]!),
      late: matrix((i, j) => 2 * w[i]! * (AAvs[i]! * s[j]! + 2 * z[j]!)),
      B: matrix((i, j) => 2 * w[i]! * AAu[i]! * s[j]!),
    },
    ones: {
      early: matrix((i) => 2 * w[i]! * AAvs[i]! * s[i]! + 2 * z[i]!),
      late: matrix((i) => 2 * w[i]! * (AAvs[i]! * s[i]! + 2 * z[i]!)),
      B: matrix((i) => 2 * w[i]! * AAux[i]!),
    },
  };
  const activations = forwardNetwork({ A, B }, x);
  for (const one of ["transpose", "ones"] as const) {
    for (const bracket of ["early", "late"] as const) {
      const reading = { one, bracket };
      const printed = printedGradients({ A, B }, activations, reading);
      assertValuesClose(printed.A.values, expected[one][bracket], LAST_BITS);
      assertValuesClose(printed.B.values, expected[one].B, LAST_BITS);
    }
  }
});

Deno.test("printedGradients(), read as outer products, are right for A = a I only", () => {
  const random = createRandom(2);
  const errorsFor = (diagonal: (i: number) => number) => {
    const { B, x } = drawExample(4, random);
    const A = matrixOf(4, 4, (i, j) => i === j ? diagonal(i) : 0);
    const activations = forwardNetwork({ A, B }, x);
    const printed = printedGradients({ A, B }, activations, {
      one: "transpose",
      bracket: "late",
    });
    const gradient = dualNetwork({ A, B }, activations, 1);
    return {
      A: relativeError(printed.A, gradient.A)!,
      B: relativeError(printed.B, gradient.B)!,
    };
  };
  const same = errorsFor(() => -0.7);
  assert.ok(same.A < 1e-14 && same.B < 1e-14, JSON.stringify(same));
  const other = errorsFor((i) => 0.5 + 0.2 * i); // diagonal: B's is right still
  assert.ok(other.A > 0.01 && other.B < 1e-14, JSON.stringify(other));
});
