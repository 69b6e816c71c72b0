import assert from "node:assert/strict";
import { createRandom } from "../../../../../lib/base/random.ts";
import {
  checkGradients,
  differenceGradient,
  drawExample,
  type OtherGradients,
  relativeError,
} from "../../../../../lib/reports/4_csi_5138/dual_network/check_gradients.ts";
import {
  dualNetwork,
  forwardNetwork,
} from "../../../../../lib/reports/4_csi_5138/dual_network/dual_network.ts";
import { matrixOf } from "../../../../../lib/matrices/matrix.ts";

const exact: OtherGradients = ({ x, ...parameters }) =>
  dualNetwork(parameters, forwardNetwork(parameters, x), 1);

Deno.test("checkGradients() finds float64's errors, and which gradient is off", () => {
  const random = createRandom(4);
  for (const size of [1, 2, 7]) {
    const check = checkGradients(drawExample(size, random), exact, random);
    assert.equal(check.size, size);
    assert.deepEqual(check.handTfjs, { A: 0, B: 0 });
    assert.deepEqual(check.handDifferences, check.tfjsDifferences);
    const { A, B } = check.handDifferences;
    assert.ok(A < 1e-8 && B < 1e-8 && A > 0, `${A} ${B}`);
    assert.ok(check.transposition < 1e-14);
    assert.equal(check.readings.length, 6);
    const outer = check.readings.find(({ one, bracket }) =>
      one === "transpose" && bracket === "late"
    )!;
    assert.equal(outer.A! < 1e-12, size === 1);
    assert.equal(outer.B! < 1e-12, size === 1);
    assert.equal(check.readings[0]!.A === null, size > 1);
  }
  const doubled: OtherGradients = (example) => {
    const { A, B } = exact(example);
    return { A, B: { ...B, values: B.values.map((value) => 2 * value) } };
  };
  const check = checkGradients(drawExample(3, random), doubled, random);
  assert.deepEqual(check.handTfjs, { A: 0, B: 0.5 });
  assert.ok(Math.abs(check.tfjsDifferences.B - 0.5) < 1e-8);
});

Deno.test("drawExample() draws float32 numbers of both signs, far from 0", () => {
  const random = createRandom(9);
  for (const size of [1, 4, 9]) {
    const { A, B, x } = drawExample(size, random);
    assert.deepEqual(
      [A, B, x].map(({ rows, columns }) => [rows, columns]),
      [[size, size], [size, size], [size, 1]],
    );
    for (const [{ values }, scale] of [[A, size], [B, size], [x, 1]] as const) {
      for (const value of values) {
        const unscaled = Math.abs(value) * Math.sqrt(scale);
        assert.ok(unscaled > 0.4999 && unscaled < 1.2001, `${value}`);
        assert.equal(Math.fround(value), value);
      }
    }
  }
  const signs = new Set(drawExample(9, random).A.values.map(Math.sign));
  assert.deepEqual(signs, new Set([-1, 1]));
});

Deno.test("differenceGradient() is right to 1e-9, for large entries too", () => {
  const derivativeAt = (f: (value: number) => number, at: number) => {
    const theta = matrixOf(1, 1, () => at);
    const { values } = differenceGradient(({ values }) => f(values[0]!), theta);
    assert.equal(theta.values[0], at, "theta is left as it was");
    return values[0]!;
  };
  assert.ok(Math.abs(derivativeAt(Math.sin, -2) - Math.cos(-2)) < 1e-9);
  assert.ok(Math.abs(derivativeAt((t) => t ** 3, 0)) < 1e-9);
  assert.ok(Math.abs(derivativeAt((t) => t ** 3, 1e4) / 3e8 - 1) < 1e-9);
});

Deno.test("relativeError() sees NaN, zeros and other shapes", () => {
  const row = (...entries: number[]) =>
    matrixOf(1, entries.length, (_, i) => entries[i]!);
  assert.equal(relativeError(row(0, 0), row(0, 0)), 0);
  assert.equal(relativeError(row(1, -4), row(1, 4)), 2);
  assert.equal(relativeError(row(1, -4), row(2, -4)), 0.25);
  assert.equal(relativeError(row(1, 2), row(1)), null);
  assert.ok(Number.isNaN(relativeError(row(1, NaN), row(1, 2))));
  assert.ok(Number.isNaN(relativeError(row(NaN, 1), row(1, 2))));
});
