import assert from "node:assert/strict";
import fc from "fast-check";
import { checkNet } from "../../../../../lib/reports/3_homework_1/boolean/check_net.ts";
import { intervalFunction } from "../../../../../lib/reports/3_homework_1/boolean/interval_function.ts";
import {
  type IntervalNet,
  netOutput,
  plainSignNet,
  reluNet,
  signNet,
} from "../../../../../lib/reports/3_homework_1/boolean/interval_net.ts";
import { createRandom } from "../../../../../lib/base/random.ts";
import {
  allInputs,
  allIntervals,
  plainOutput,
  reluOutput,
  signOutput,
  value,
} from "../../../../reference/boolean_interval.ts";

const NETS = { plain: plainSignNet, sign: signNet, relu: reluNet };

/** Any net of two hidden units, integers for weights and biases. */
function anyNet(dimension: number): fc.Arbitrary<IntervalNet> {
  const small = fc.integer({ min: -4, max: 4 });
  const unit = (inputs: number) =>
    fc.record({
      weights: fc.array(small, { minLength: inputs, maxLength: inputs })
        .map((weights) => Float64Array.from(weights)),
      bias: small,
    });
  // a unit without weights has no hyperplane
  const hidden = unit(dimension).filter(({ weights }) =>
    weights.some((weight) => weight !== 0)
  );
  return fc.record({
    activation: fc.constantFrom("sign", "relu"),
    hidden: fc.tuple(hidden, hidden),
    output: unit(2),
  });
}

Deno.test("checkNet() counts wrong outputs and finds the margin of any net", () => {
  fc.assert(
    fc.property(
      // 10 bits are one block of inputs
      fc.constantFrom(1, 2, 5, 9, 10, 11, 12).chain((D) =>
        fc.tuple(
          anyNet(D),
          fc.constant(D),
          fc.tuple(
            fc.integer({ min: -D, max: D }),
            fc.integer({ min: -D, max: D }),
          ).map((bounds) => bounds.sort((a, b) => a - b)),
        )
      ),
      ([net, D, [A, B]]) => {
        const got = checkNet(net, intervalFunction(D, A!, B!));
        const inputs = allInputs(D);
        const wrong = [...inputs.keys()].filter((i) =>
          netOutput(net, Float64Array.from(inputs[i]!)) !==
            value(inputs[i]!, A!, B!)
        );
        assert.equal(got.wrong, wrong.length);
        assert.equal(got.firstWrong, wrong[0] ?? null);
        let margin = Infinity;
        for (const { weights, bias } of net.hidden) {
          const norm = Math.hypot(...weights);
          for (const x of inputs) {
            const z = x.reduce((sum, xi, i) => sum + weights[i]! * xi, bias);
            margin = Math.min(margin, Math.abs(z) / norm);
          }
        }
        assert.ok(Math.abs(got.margin - margin) <= 1e-12 * margin);
      },
    ),
    { numRuns: 200 },
  );
});

Deno.test("checkNet() gives the margins and perturbations of the report's cases", () => {
  const sizes = (net: IntervalNet, D: number, A: number, B: number) => {
    const got = checkNet(net, intervalFunction(D, A, B));
    return [got.margin, got.perturbation, got.attained];
  };
  const f = (D: number, A: number, B: number) => intervalFunction(D, A, B);
  // D = 2: the hyperplanes x₁ + x₂ = ±1 are 1/√2 from (±1, ±1), 1/2 per input
  assert.deepEqual(sizes(signNet(f(2, -1, 1)), 2, -1, 1), [
    1 / Math.sqrt(2),
    0.5,
    false,
  ]);
  assert.deepEqual(sizes(reluNet(f(2, 0, 0)), 2, 0, 0), [
    1 / Math.sqrt(2),
    0.5,
    false,
  ]);
  // [0, 0] before the extension: inputs on both hyperplanes
  assert.deepEqual(sizes(plainSignNet(f(2, 0, 0)), 2, 0, 0), [0, 0, true]);
  // f = +1 everywhere: the hyperplanes ±5 are left behind only beyond 1/4
  assert.deepEqual(sizes(signNet(f(4, -4, 4)), 4, -4, 4), [0.5, 0.25, true]);
  // [−6, 6] for D = 4: hyperplanes ±7, sums up to 4, 3/4 in each input
  assert.deepEqual(sizes(signNet(f(4, -6, 6)), 4, -6, 6), [1.5, 0.75, true]);
  // f = −1 everywhere, both hyperplanes at 1: touched at 1/4
  assert.deepEqual(sizes(reluNet(f(4, 1, 1)), 4, 1, 1), [0.5, 0.25, false]);
});

/** By equations, so that a perturbation is judged by no code under test. */
const OUTPUTS = {
  plain: plainOutput,
  sign: signOutput,
  relu: reluOutput,
};

for (const name of ["plain", "sign", "relu"] as const) {
  const outputOf = OUTPUTS[name];
  const changes = (x: number[], d: number[], A: number, B: number) =>
    outputOf(x, A, B) !== outputOf(x.map((xi, i) => xi + d[i]!), A, B);

  Deno.test(`checkNet() finds the largest harmless perturbation, ${name}`, () => {
    const random = createRandom(2);
    let changed = 0;
    for (const [D, A, B] of allIntervals(4)) {
      const f = intervalFunction(D, A, B);
      const { perturbation: e, euclideanPerturbation: r, attained } = checkNet(
        NETS[name](f),
        f,
      );
      const inputs = allInputs(D);
      const label = `D ${D}, [${A}, ${B}], ε ${e}`;
      const some = (d: number[]) => inputs.some((x) => changes(x, d, A, B));
      const all = (size: number) => new Array<number>(D).fill(size);
      for (let round = 0; round < 20; round++) {
        const cube = all(0).map(() =>
          (2 * random.uniform() - 1) * e * (1 - 1e-9)
        );
        assert.ok(!some(cube), `${label} in the cube`);
        const direction = all(0).map(() => random.normal());
        const scale = r * (1 - 1e-9) / Math.hypot(...direction);
        assert.ok(!some(direction.map((d) => scale * d)), `${label}, ball`);
      }
      for (const side of [-1, 1]) {
        assert.ok(!some(all(side * e * (1 - 1e-9))), `${label}, below`);
        const corner = side * r * (1 - 1e-9) / Math.sqrt(D);
        assert.ok(!some(all(corner)), `${label}, below in the ball`);
      }
      const above = (size: number) => some(all(size)) || some(all(-size));
      // a hyperplane with −1 on both sides changes just what falls onto it
      const isThin = A === B &&
        (name === "plain" ? e > 0 : (D + A) % 2 !== 0);
      for (const size of isThin ? [] : [e, r / Math.sqrt(D)]) {
        assert.ok(above(size * (1 + 1e-9) + 1e-12), `${label}, above`);
      }
      if (D === 3) continue; // ε = n/3 is no float64: its sums round
      assert.equal(above(e), !attained, `${label} itself`);
      changed++;
    }
    assert.equal(changed, 28 + 45 + 91); // all pairs for D = 1, 2, 4
  });
}

Deno.test("checkNet() finds 1/√D and 1/D wherever both bounds are within ±D", () => {
  for (const [D, A, B] of allIntervals(10)) {
    if (A < -D || B > D) continue;
    const f = intervalFunction(D, A, B);
    for (const make of [signNet, reluNet]) {
      const { margin, perturbation, attained } = checkNet(make(f), f);
      assert.ok(Math.abs(margin - 1 / Math.sqrt(D)) < 1e-15, `${D} ${A} ${B}`);
      assert.equal(perturbation, 1 / D);
      // only where f is +1 everywhere does no input lie outside
      assert.equal(attained, A === -D && B === D);
    }
  }
});
