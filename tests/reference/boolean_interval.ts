/** Report 3, question 3, straight from its equations, in float64. */

/** All x ∈ {−1, +1}^D, the first coordinate changing fastest. */
export function allInputs(dimension: number): number[][] {
  let inputs: number[][] = [[]];
  for (let i = 0; i < dimension; i++) {
    inputs = [-1, 1].flatMap((x) => inputs.map((rest) => [...rest, x]));
  }
  return inputs;
}

const sum = (x: readonly number[]) => x.reduce((a, b) => a + b, 0);

/** The function's definition. */
export function value(x: readonly number[], A: number, B: number): number {
  return A <= sum(x) && sum(x) <= B ? 1 : -1;
}

/** Equation 14's and 15's condition, (−1)^(D + n) = 1. */
const even = (n: number) => n % 2 === 0;

/** Equations 9 to 11. */
export function plainOutput(x: readonly number[], A: number, B: number) {
  const h1 = sum(x) >= A ? 1 : -1;
  const h2 = sum(x) <= B ? 1 : -1;
  return h1 + h2 === 2 ? 1 : -1;
}

/** Equations 6, 7, 11, 14, 15. */
export function signOutput(x: readonly number[], A: number, B: number) {
  const D = x.length;
  const z1 = sum(x) + (even(D + A) ? 1 - A : -A);
  const z2 = -sum(x) + (even(D + B) ? 1 + B : B);
  return (z1 >= 0 ? 1 : -1) + (z2 >= 0 ? 1 : -1) === 2 ? 1 : -1;
}

/** Equations 16, 18 to 20. */
export function reluOutput(x: readonly number[], A: number, B: number) {
  const D = x.length;
  const z1 = -sum(x) + (even(D + A) ? A - 1 : A);
  const z2 = sum(x) - (even(D + B) ? B + 1 : B);
  return (z1 >= 0 ? z1 : 0) + (z2 >= 0 ? z2 : 0) === 0 ? 1 : -1;
}

/** Every A ≤ B from −(D + 2) to D + 2, for D from 1 up. */
export function allIntervals(
  most: number,
): [D: number, A: number, B: number][] {
  const found: [number, number, number][] = [];
  for (let D = 1; D <= most; D++) {
    for (let A = -D - 2; A <= D + 2; A++) {
      for (let B = A; B <= D + 2; B++) found.push([D, A, B]);
    }
  }
  return found;
}
