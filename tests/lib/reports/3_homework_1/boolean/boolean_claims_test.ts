import assert from "node:assert/strict";
import { booleanClaims } from "../../../../../lib/reports/3_homework_1/boolean/boolean_claims.ts";
import {
  allTable,
  booleanComparison,
  functionTable,
  perturbationText,
} from "../../../../../lib/reports/3_homework_1/boolean/boolean_tables.ts";
import {
  checkAll,
  checkFunction,
  type FunctionCheck,
} from "../../../../../lib/reports/3_homework_1/boolean/check_function.ts";
import { intervalFunction } from "../../../../../lib/reports/3_homework_1/boolean/interval_function.ts";
import { allIntervals } from "../../../../reference/boolean_interval.ts";

const ALL = [...checkAll(4, 1)].flat();
const claim = (checks: readonly FunctionCheck[], part: string) => {
  const found = booleanClaims(checks).filter(({ claim }) =>
    claim.includes(part)
  );
  assert.equal(found.length, 1, part);
  const { verdict, measured } = found[0]!;
  return `${verdict}: ${measured}`;
};

Deno.test("checkAll() goes through every A ≤ B up to 2 beyond ±D", () => {
  assert.deepEqual(
    ALL.map(({ f }) => [f.dimension, f.lower, f.upper]),
    allIntervals(4),
  );
  // functions whose intervals hold the same sums share a perceptron
  const trained = new Set(ALL.map(({ perceptron }) => perceptron));
  assert.equal(trained.size, 4 + 7 + 11 + 16); // (D + 1)(D + 2)/2 + 1 each
});

Deno.test("checkAll() and checkFunction() tell how far they are", () => {
  const parts: number[] = [];
  const tell = (part: number) => void parts.push(part);
  for (const checks of checkAll(2, 1, tell)) {
    // 28 functions of 2 inputs, and 45 of 4
    const passed = checks[0]!.f.dimension === 1 ? 28 * 2 : 28 * 2 + 45 * 4;
    assert.equal(parts.at(-1), passed / (28 * 2 + 45 * 4));
  }
  assert.equal(parts.length, 28 + 45);
  assert.deepEqual(parts, parts.toSorted((a, b) => a - b));
  parts.length = 0;
  const { perceptron } = checkFunction(intervalFunction(2, -1, 1), 1, tell);
  const part = (epoch: number) => 4 * epoch / 2 ** 24;
  const epochs = Array.from({ length: perceptron!.epochs }, (_, i) => i + 1);
  assert.deepEqual(parts, [0, ...epochs.map(part)]);
});

Deno.test("booleanClaims() finds which statements fail up to D = 4, and where first", () => {
  // The numbers by hand, from functions with −D ≤ A ≤ B ≤ D unless they say
  // otherwise: 6 + 15 + 28 + 45 = 94, and 230 with those beyond.
  assert.equal(ALL.length, 230);
  const verdicts = booleanClaims(ALL).map(({ verdict }) => verdict);
  assert.equal(verdicts.filter((v) => v === "held").length, 10);
  assert.equal(verdicts.filter((v) => v === "did not hold").length, 5);
  // −D < A ≤ B < D: 1 + 6 + 15 + 28; without a sum in [A, A]: D of them
  assert.equal(
    claim(ALL, "cannot be right"),
    "did not hold: 10 of 50 functions not: D = 1, [0, 0]: w = (0), b = −2 is right: no sum lies there, f = −1",
  );
  // A < B: 3 + 10 + 21 + 36; without a bound that is a sum: D(D − 1)/2 each
  assert.equal(
    claim(ALL, "unless its hyperplanes"),
    "did not hold: 60 of 70 functions not: D = 1, [−1, 0]: margin 0",
  );
  // A = B: 2D + 1 each, D of them no sum
  assert.equal(
    claim(ALL, "margin 0"),
    "did not hold: 10 of 24 functions not: D = 1, [0, 0]: margin 1",
  );
  assert.equal(claim(ALL, "margin is 1/√D in all"), "held: 94 functions");
  assert.equal(claim(ALL, "ReLU computes f"), "held: 230 functions");
  assert.match(
    claim(ALL, "as printed"),
    /^did not hold: 230 .* D = 1, \[−1, −1\]: sums are −1, 1, and none is −3/,
  );
  assert.match(
    claim(ALL, "intricate"),
    /^did not hold: 230 of 230 .*\[−1, −1\]: sign\(−h₁ − h₂ \+ 2 \+ ½\)/,
  );
});

Deno.test("booleanClaims() reports a net that fails", () => {
  const check = checkFunction(intervalFunction(3, -1, 1), 1);
  const wrong = { ...check.sign, wrong: 1, firstWrong: 0b011 };
  assert.equal(claim([check], "computes f as before"), "held: 1 function");
  assert.equal(
    claim([{ ...check, sign: wrong }], "computes f as before"),
    "did not hold: 1 of 1 function not: D = 3, [−1, 1]: wrong for x = (+1, +1, −1)",
  );
  const narrow = { ...check.relu, margin: 0.5 };
  assert.match(
    claim([{ ...check, relu: narrow }], "margin is 1/√D in all"),
    /^did not hold/,
  );
  assert.match(
    claim([{ ...check, sameHiddenWrong: 1 }], "intricate"),
    /^held/,
  );
  assert.equal(
    claim([{ ...check, perceptron: null }], "cannot be right"),
    "could not be tested: no such function",
  );
});

Deno.test("booleanClaims() judges each claim by its own numbers", () => {
  const check = (lower: number, upper: number) =>
    checkFunction(intervalFunction(2, lower, upper), 1);
  const [inner, reaching, empty] = [check(-1, 1), check(0, 2), check(1, 1)];
  const wrong = <N extends object>(net: N) => ({ ...net, wrong: 1 });
  const ended = (
    check: FunctionCheck,
    end: "converged" | "cycles" | "stopped",
  ) => ({ ...check, perceptron: { ...check.perceptron!, end } });
  const verdict = (check: FunctionCheck, part: string) =>
    claim([check], part).split(":")[0];
  // (−1)^(D + A) is none of ±1 for it
  const halves = { ...inner, f: { ...inner.f, lower: 0.5 } };
  const cases: [string, FunctionCheck, FunctionCheck][] = [
    ["reaches an end", reaching, ended(reaching, "cycles")],
    ["cannot be right", inner, ended(inner, "converged")],
    ["equations 9 to 11", inner, { ...inner, plain: wrong(inner.plain) }],
    ["computes f as before", inner, { ...inner, sign: wrong(inner.sign) }],
    ["ReLU computes f", inner, { ...inner, relu: wrong(inner.relu) }],
    ["allows for noise", inner, {
      ...inner,
      sign: { ...inner.sign, perturbation: 0.4 },
    }],
    ["A = B is no sum", empty, { ...empty, sign: wrong(empty.sign) }],
    ["A = B is no sum", empty, { ...empty, relu: wrong(empty.relu) }],
    ["Both forms", inner, halves],
    ["the sign net's; −1", inner, halves],
  ];
  for (const [part, right, changed] of cases) {
    assert.equal(verdict(right, part), "held", part);
    assert.equal(verdict(changed, part), "did not hold", part);
  }
  for (const part of ["reaches an end", "cannot be right"]) {
    for (const check of [inner, reaching]) {
      const stopped = ended(check, "stopped");
      assert.equal(verdict(stopped, part), "could not be tested");
    }
  }
});

Deno.test("perturbationText() tells a bound that is reached from one that is not", () => {
  const { sign } = checkFunction(intervalFunction(3, -1, 1), 1);
  assert.equal(perturbationText(sign, 3), "< 1/3");
  assert.equal(perturbationText({ ...sign, attained: true }, 3), "≤ 1/3");
  assert.equal(perturbationText({ ...sign, perturbation: 2 }, 3), "< 2");
});

Deno.test("booleanComparison() sets each net beside the report, and all beside M", () => {
  const few = booleanComparison([checkFunction(intervalFunction(2, 0, 0), 1)]);
  assert.deepEqual(
    few.map(({ reported, ours, difference }) => [reported, ours, difference]),
    [
      ["0", "0 of 4", "+0"],
      ["0.71", "0.7071", "+0.00"],
      ["0", "0 of 4", "+0"],
      ["0.71", "0.7071", "+0.00"],
      ["0.00", "0.0000", "+0.00"],
    ],
  );
  // 5 and 7 from sums of 2 at most: 3/√2
  const [, beyond] = booleanComparison([
    checkFunction(intervalFunction(2, 5, 7), 1),
  ]);
  assert.deepEqual(
    [beyond!.reported, beyond!.ours, beyond!.difference],
    ["", "2.1213", ""],
  );
  // 2·28 + 4·45 + 8·66 + 16·91 inputs
  assert.deepEqual(
    booleanComparison(ALL).map(({ ours }) => ours),
    ["0 of 2,220", "1.00 M", "0 of 2,220", "1.00 M", "0.00 to 1.00 M"],
  );
});

Deno.test("functionTable() and allTable() give one row per net and one per dimension", () => {
  const check = checkFunction(intervalFunction(4, -4, 0), 1);
  const { rows } = functionTable([check]);
  assert.deepEqual(rows.map((row) => row.slice(1, 3).join(": ")), [
    "net, equations 9 to 11: 0 of 16",
    "net with sign: 0 of 16",
    "net with ReLU: 0 of 16",
    `perceptron: converged, epoch ${check.perceptron!.epochs}: 0 of 16`,
  ]);
  const long = { ...check.perceptron!, epochs: 7, period: 3 };
  assert.match(
    functionTable([{ ...check, perceptron: { ...long, end: "cycles" } }])
      .rows[3]![1]!,
    /: cycles, epoch 7 ends as 4$/,
  );
  // deno-fmt-ignore
  assert.deepEqual(allTable(ALL).rows[1], [
    "2", "15", "30", "0", "0", "0.7071", "< 1/2", "6 of 7",
  ]);
  // of the functions of a dimension the least ε stands there
  const nearer = { ...check.sign, perturbation: 0.25, attained: true };
  const wider = { ...check.sign, perturbation: 0.5 };
  assert.deepEqual(
    [[nearer, wider], [nearer, { ...nearer, attained: false }]].map((signs) =>
      allTable(signs.map((sign) => ({ ...check, sign }))).rows[0]![6]
    ),
    ["≤ 1/4", "< 1/4"],
  );
});
