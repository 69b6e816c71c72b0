import { minusSigns } from "../../../base/format.ts";
import { minOf } from "../../../base/statistics.ts";
import type { Claim } from "../../../reporting/report.ts";
import { type FunctionCheck, isWithin } from "./check_function.ts";
import {
  attainableSums,
  dotTable,
  functionName,
  inputVector,
  type IntervalFunction,
} from "./interval_function.ts";
import { reluNet, signNet } from "./interval_net.ts";

/** One claim of the report, for every function that it speaks of. */
interface FormulaClaim {
  readonly claim: string;
  /** Whether the claim speaks of the function, and it was tested. */
  readonly applies: (check: FunctionCheck) => boolean;
  readonly holds: (check: FunctionCheck) => boolean;
  /** The numbers of a counterexample. */
  readonly shows: (check: FunctionCheck) => string;
}

const M = ({ dimension }: IntervalFunction) => 1 / Math.sqrt(dimension);
/** Distances are small integers over a root: equal up to a rounding. */
const isAt = (margin: number, f: IntervalFunction) =>
  Math.abs(margin - M(f)) < 1e-12;

const reachesEnd = ({ dimension, lower, upper }: IntervalFunction) =>
  lower <= -dimension || upper >= dimension;

const isSum = (bound: number, { dimension }: IntervalFunction) =>
  attainableSums(dimension).includes(bound);

const valuesOf = ({ dimension, lower, upper }: IntervalFunction) =>
  new Set(attainableSums(dimension).map((s) => lower <= s && s <= upper));

const isTrained = ({ perceptron }: FunctionCheck) =>
  perceptron !== null && perceptron.end !== "stopped";

const always = () => true;
const inputText = (input: number | null, { dimension }: IntervalFunction) =>
  `wrong for x = (${
    [...inputVector(input ?? 0, dimension)].map((x) => x < 0 ? "−1" : "+1")
      .join(", ")
  })`;
const marginText = (margin: number) => `margin ${minusSigns(rounded(margin))}`;

const CLAIMS: readonly FormulaClaim[] = [{
  claim: "A perceptron computes f where the interval reaches an end (3.1.1)",
  applies: (check) => isTrained(check) && reachesEnd(check.f),
  holds: ({ perceptron }) => perceptron!.end === "converged",
  shows: ({ perceptron }) => `training ${perceptron!.end}`,
}, {
  claim: "For other intervals a perceptron cannot be right (3.1.1)",
  applies: (check) => isTrained(check) && !reachesEnd(check.f),
  holds: ({ perceptron }) => perceptron!.end === "cycles",
  shows: ({ f, perceptron }) =>
    `w = (${[...perceptron!.best.weights].map(String).map(minusSigns)}), b = ${
      minusSigns(String(perceptron!.best.bias))
    } is right${valuesOf(f).has(true) ? "" : ": no sum lies there, f = −1"}`,
}, {
  claim: "The net of equations 9 to 11 computes f",
  applies: always,
  holds: ({ plain }) => plain.wrong === 0,
  shows: ({ f, plain }) => inputText(plain.firstWrong, f),
}, {
  claim:
    "Its margin is 1/√D (12) unless its hyperplanes coincide: for all A < B",
  applies: ({ f }) => isWithin(f) && f.lower < f.upper,
  holds: ({ f, plain }) => isAt(plain.margin, f),
  shows: ({ plain }) => marginText(plain.margin),
}, {
  claim: "Where they coincide (A = B), inputs lie on them: margin 0 (3.1.2)",
  applies: ({ f }) => isWithin(f) && f.lower === f.upper,
  holds: ({ plain }) => plain.margin === 0,
  shows: ({ plain }) => marginText(plain.margin),
}, {
  claim: "Inputs of the two classes are at least 2M = 2/√D apart (3.1.2)",
  applies: ({ f }) => valuesOf(f).size === 2,
  holds: ({ f }) => {
    // along w: sums of one class and of the other
    const inside = (s: number) => f.lower <= s && s <= f.upper;
    const sums = attainableSums(f.dimension);
    const gaps = sums.filter(inside).flatMap((a) =>
      sums.filter((s) => !inside(s)).map((b) => Math.abs(a - b) * M(f))
    );
    return minOf(gaps) >= 2 * M(f);
  },
  shows: () => "nearer",
}, {
  claim: "Sums are in {−D, −(D + 2), …, D − 2, D}, as printed (13)",
  applies: always,
  holds: ({ f: { dimension } }) =>
    dotTable(new Float64Array(dimension).fill(1)).includes(-(dimension + 2)),
  shows: ({ f: { dimension } }) =>
    `sums are ${
      minusSigns(attainableSums(dimension).join(", "))
    }, and none is ${minusSigns(`${-(dimension + 2)}`)}: −(D − 2) is meant`,
}, {
  claim: "Both forms of the biases are equal (14, 15)",
  applies: always,
  holds: ({ f }) => {
    const { dimension: D, lower: A, upper: B } = f;
    const [b1, b2] = signNet(f).hidden.map(({ bias }) => bias);
    return b1 === ((D + A) % 2 === 0 ? 1 - A : -A) &&
      b2 === ((D + B) % 2 === 0 ? 1 + B : B);
  },
  shows: () => "they differ",
}, {
  claim: "With these biases the net computes f as before (14, 15)",
  applies: always,
  holds: ({ sign }) => sign.wrong === 0,
  shows: ({ f, sign }) => inputText(sign.firstWrong, f),
}, {
  claim: "and its margin is 1/√D in all cases, 0.71 for D = 2 (12, 3.1.2)",
  applies: ({ f }) => isWithin(f),
  holds: ({ f, sign, relu }) => isAt(sign.margin, f) && isAt(relu.margin, f),
  shows: ({ sign }) => marginText(sign.margin),
}, {
  claim: "so that it allows for noise in the inputs (3.1.2)",
  applies: always,
  holds: ({ f, sign }) => sign.perturbation >= 1 / f.dimension,
  shows: ({ sign }) => `perturbation ${sign.perturbation}`,
}, {
  claim: "Where A = B is no sum, hyperplanes coincide and no input gets +1",
  applies: ({ f }) => f.lower === f.upper && !isSum(f.lower, f),
  holds: ({ sign, relu }) => sign.wrong + relu.wrong === 0,
  shows: ({ f, sign }) => inputText(sign.firstWrong, f),
}, {
  claim:
    "The sign net's hidden layer with ReLU takes an intricate output (3.1.3)",
  applies: always,
  holds: ({ sameHiddenWrong }) => sameHiddenWrong > 0,
  shows: ({ f }) => {
    const [b1, b2] = signNet(f).hidden.map(({ bias }) => bias);
    return `sign(−h₁ − h₂ + ${b1! + b2!} + ½) is right for all inputs`;
  },
}, {
  claim: "The net with ReLU computes f (18 to 20)",
  applies: always,
  holds: ({ relu }) => relu.wrong === 0,
  shows: ({ f, relu }) => inputText(relu.firstWrong, f),
}, {
  claim: "Its hyperplanes are the sign net's; −1 and 1 for D = 2, [0, 0] (21)",
  applies: always,
  holds: ({ f }) =>
    reluNet(f).hidden.every(({ weights, bias }, i) => {
      const turned = signNet(f).hidden[i]!;
      return bias === -turned.bias && weights[0] === -turned.weights[0]!;
    }),
  shows: () => "others",
}];

/**
 * What report 3 claims in section 3, and whether it holds for every function of
 * a run; where not, with the first counterexample.
 *
 * @param checks functions, the smallest dimension first
 * @returns one claim a formula
 */
export function booleanClaims(checks: readonly FunctionCheck[]): Claim[] {
  return CLAIMS.map(({ claim, applies, holds, shows }) => {
    const tested = checks.filter(applies);
    const against = tested.filter((check) => !holds(check));
    const first = against.find(({ f }) => isWithin(f)) ?? against[0];
    if (first === undefined) {
      return tested.length === 0
        ? {
          claim,
          verdict: "could not be tested",
          measured: "no such function",
        }
        : { claim, verdict: "held", measured: functions(tested.length) };
    }
    return {
      claim,
      verdict: "did not hold",
      measured: `${against.length} of ${functions(tested.length)} not: ${
        functionName(first.f)
      }: ${shows(first)}`,
    };
  });
}

const functions = (count: number) =>
  `${count} ${count === 1 ? "function" : "functions"}`;

const rounded = (value: number) => String(Number(value.toFixed(4)));
