import assert from "node:assert/strict";
import { createRandom } from "../../../../lib/base/random.ts";
import {
  checkGradients,
  drawExample,
  type OtherGradients,
} from "../../../../lib/reports/4_csi_5138/dual_network/check_gradients.ts";
import {
  dualNetwork,
  forwardNetwork,
} from "../../../../lib/reports/4_csi_5138/dual_network/dual_network.ts";
import {
  backpropClaims,
  backpropComparison,
  errorFigure,
  largestErrors,
  pairTable,
  readingTable,
} from "../../../../lib/reports/4_csi_5138/backprop_check_claims.ts";

const exact: OtherGradients = ({ x, ...parameters }) =>
  dualNetwork(parameters, forwardNetwork(parameters, x), 1);

function checksWith(tfjs: OtherGradients) {
  const random = createRandom(0);
  const each = (sizes: number[]) =>
    sizes.map((size) =>
      checkGradients(drawExample(size, random), tfjs, random)
    );
  return { scalars: each([1, 1, 1]), matrices: each([2, 5]) };
}

const CHECKS = checksWith(exact);
const verdicts = (checks = CHECKS) =>
  backpropClaims(checks).map(({ verdict }) => verdict === "held");

Deno.test("backpropClaims() finds what holds of the report's formulas", () => {
  const held = [true, true, false, true, true, false, false];
  assert.deepEqual(verdicts(), held);
  const measured = backpropClaims(CHECKS).map(({ measured }) => measured);
  assert.match(measured[2]!, /^off by 0\.\d+ to [012]\.\d+: 2 A\.\(u/);
  assert.match(measured[5]!, /^its shape is n × 1; .* off by 0\.\d+ to \d/);
});

Deno.test("backpropClaims() reports a gradient of TF.js that is off by 1 %", () => {
  const off = checksWith((example) => {
    const { A, B } = exact(example);
    return { A: { ...A, values: A.values.map((a) => 1.01 * a) }, B };
  });
  assert.deepEqual(verdicts(off), [true, false, ...verdicts().slice(2)]);
  const { handTfjs } = largestErrors(off.matrices);
  assert.ok(Math.abs(handTfjs.A - 0.01 / 1.01) < 1e-12);
  assert.equal(handTfjs.B, 0);
});

Deno.test("backpropClaims() reports central differences that are off", () => {
  const [first, ...rest] = CHECKS.matrices;
  const off = { ...first!, handDifferences: { A: 0, B: 1e-3 } };
  const checks = { ...CHECKS, matrices: [off, ...rest] };
  assert.deepEqual(verdicts(checks), [true, false, ...verdicts().slice(2)]);
});

Deno.test("errorFigure() has scalars and matrices", () => {
  const text = errorFigure("a.svg", CHECKS).text({ width: 80, color: false });
  assert.match(text, /^ +1 .* 5$/m);
});

Deno.test("backpropClaims() reports a map that is not the other's transpose", () => {
  const [first, ...rest] = CHECKS.scalars;
  const off = { ...first!, transposition: 1e-6 };
  const checks = { ...CHECKS, scalars: [off, ...rest] };
  assert.deepEqual(verdicts(checks), [false, ...verdicts().slice(1)]);
});

Deno.test("the tables of backprop-check have one row per formula, pair and reading", () => {
  assert.deepEqual(
    backpropComparison(CHECKS).map(({ difference }) => difference[0]),
    ["+", "n", "n", "+", "+"],
  );
  const { rows } = pairTable(CHECKS);
  assert.deepEqual(rows.map((row) => row.slice(0, 3).join(" ")), [
    "∂L/∂A, n = 1 3 0",
    "∂L/∂B, n = 1 3 0",
    "∂L/∂A, n > 1 2 0",
    "∂L/∂B, n > 1 2 0",
  ]);
  const readings = readingTable(CHECKS).rows;
  assert.equal(readings.length, 6);
  assert.deepEqual(readings[0]!.slice(3), ["n × 1", "n × 1"]);
});
