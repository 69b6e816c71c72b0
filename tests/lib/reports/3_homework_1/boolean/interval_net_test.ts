import assert from "node:assert/strict";
import fc from "fast-check";
import { intervalFunction } from "../../../../../lib/reports/3_homework_1/boolean/interval_function.ts";
import {
  type IntervalNet,
  netOutput,
  plainSignNet,
  reluNet,
  sameHiddenReluNet,
  signNet,
} from "../../../../../lib/reports/3_homework_1/boolean/interval_net.ts";
import {
  allInputs,
  allIntervals,
  plainOutput,
  reluOutput,
  signOutput,
  value,
} from "../../../../reference/boolean_interval.ts";

const biases = ({ hidden }: IntervalNet) => hidden.map(({ bias }) => bias);

Deno.test("signNet() and reluNet() have the report's biases", () => {
  // By hand from equations 14, 15, 18 and 19: D = 2 and [−1, 1] has no bound
  // that is a sum, [0, 0] two; D = 3 and [−1, 2] one, its lower.
  assert.deepEqual(biases(signNet(intervalFunction(2, -1, 1))), [1, 1]);
  assert.deepEqual(biases(signNet(intervalFunction(2, 0, 0))), [1, 1]);
  assert.deepEqual(biases(signNet(intervalFunction(3, -1, 2))), [2, 2]);
  assert.deepEqual(biases(signNet(intervalFunction(3, -2, 3))), [2, 4]);
  assert.deepEqual(biases(reluNet(intervalFunction(2, 0, 0))), [-1, -1]);
  assert.deepEqual(biases(reluNet(intervalFunction(3, -2, 3))), [-2, -4]);
  assert.deepEqual(biases(plainSignNet(intervalFunction(3, -2, 3))), [2, 3]);
});

const NETS = [
  ["plainSignNet", plainSignNet, plainOutput],
  ["signNet", signNet, signOutput],
  ["reluNet", reluNet, reluOutput],
  ["sameHiddenReluNet", sameHiddenReluNet, null],
] as const;

for (const [name, make, output] of NETS) {
  Deno.test(`${name}() computes f on all inputs of up to 6, A ≤ B up to 2 beyond ±D`, () => {
    for (const [D, A, B] of allIntervals(6)) {
      const net = make(intervalFunction(D, A, B));
      for (const x of allInputs(D)) {
        const got = netOutput(net, Float64Array.from(x));
        const label = `D ${D}, [${A}, ${B}], x ${x}`;
        assert.equal(got, value(x, A, B), label);
        if (output !== null) assert.equal(got, output(x, A, B), label);
      }
    }
  });
}

for (const [name, make, output] of NETS) {
  if (output === null) continue; // it rounds at ½ beyond the hyperplanes
  Deno.test(`netOutput() of ${name}() is the equations' on real inputs`, () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...allIntervals(6)).chain(([D, A, B]) =>
          fc.tuple(
            fc.constant([D, A, B] as const),
            // multiples of 1/8, whose sums are exact: many lie on a hyperplane
            fc.array(fc.integer({ min: -24, max: 24 }), {
              minLength: D,
              maxLength: D,
            }),
          )
        ),
        ([[D, A, B], eighths]) => {
          const x = eighths.map((n) => n / 8);
          const net = make(intervalFunction(D, A, B));
          assert.equal(netOutput(net, Float64Array.from(x)), output(x, A, B));
        },
      ),
      { numRuns: 2000 },
    );
  });
}
