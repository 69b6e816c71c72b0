import assert from "node:assert/strict";
import { UsageError } from "../../../../lib/base/errors.ts";
import {
  fashionPlans,
  type FashionRun,
} from "../../../../lib/reports/1_linearization/fashion_plans.ts";

const RUN: FashionRun = {
  activation: ["relu", "linear", "relu-alpha"],
  lambda: [0.1, 2],
  longLambda: [0.5],
  variantLambda: [0.3],
  longEpochs: 12,
  epochs: 3,
  architecture: "plain",
  penalty: "l1",
  clampAlpha: false,
  alphaInit: 0.5,
  learningRate: 0.001,
  seed: 7,
  seeds: 1,
};

Deno.test("fashionPlans() has a net for each activation, λ and variant", () => {
  const plans = fashionPlans(RUN);
  assert.deepEqual(
    plans.map(({ name, lambda, epochs, clampAlpha, penalty }) =>
      [name, lambda, epochs, clampAlpha, penalty].join()
    ),
    [
      "relu,,3,false,l1",
      "linear,,3,false,l1",
      "relu-alpha-0.1,0.1,3,false,l1",
      "relu-alpha-2,2,3,false,l1",
      "relu-alpha-0.5-12-epochs,0.5,12,false,l1",
      "relu-alpha-0.3-clamped,0.3,3,true,l1",
      "relu-alpha-0.3-no-penalty,0.3,3,false,none",
    ],
  );
  assert.ok(plans.every(({ seed }) => seed === 7));
});

Deno.test("fashionPlans() names the nets of further seeds after them", () => {
  const plans = fashionPlans({
    ...RUN,
    activation: ["relu", "linear"],
    longLambda: [],
    variantLambda: [],
    seeds: 2,
  });
  assert.deepEqual(
    plans.map(({ name, net, seed }) => [name, net, seed].join()),
    [
      "relu,relu,7",
      "linear,linear,7",
      "relu-seed-8,relu,8",
      "linear-seed-8,linear,8",
    ],
  );
});

const refused = (
  run: Partial<FashionRun>,
  given: Partial<FashionRun>,
  message: string,
) =>
  assert.throws(() => fashionPlans({ ...RUN, ...run }, given), (error) => {
    assert.ok(error instanceof UsageError);
    assert.equal(error.message, message);
    return true;
  });

Deno.test("fashionPlans() refuses given flags of nets that others leave out", () => {
  const activation = ["relu", "linear"] as const;
  const flags: [string, Partial<FashionRun>][] = [
    ["--lambda", { lambda: [0.5] }],
    ["--long-lambda", { longLambda: [0.5] }],
    ["--variant-lambda", { variantLambda: [0.5] }],
    ["--alpha-init", { alphaInit: 0.5 }],
    ["--clamp-alpha", { clampAlpha: true }],
    ["--penalty", { penalty: "l1" }],
  ];
  for (const [name, given] of flags) {
    refused(
      { activation, ...given },
      given,
      `Cannot parse ${name}: expected relu-alpha in --activation: got relu,linear`,
    );
    fashionPlans({ ...RUN, variantLambda: [], ...given }, given);
  }
  // Nobody gave what has its default, or what a resumed run has.
  fashionPlans({ ...RUN, activation });
});

Deno.test("fashionPlans() refuses epochs of no net, and variants of a variant", () => {
  refused(
    { longLambda: [] },
    { longEpochs: 7 },
    "Cannot parse --long-epochs: expected --long-lambda with it: got 7",
  );
  for (const variant of [{ clampAlpha: true }, { penalty: "none" as const }]) {
    refused(
      variant,
      {},
      "Cannot parse --variant-lambda: expected it beside the loss as written: got a variant",
    );
  }
});
