import assert from "node:assert/strict";
import {
  type Diagonal,
  diagonalPixels,
} from "../../../../../lib/reports/4_csi_5138/diagonals/diagonal.ts";
import { expectedPeaksOf } from "../../../../../lib/reports/4_csi_5138/diagonals/expected_peaks.ts";

/** Mean and P(1) from all 2^16 images of 4×4 pixels, by their probabilities. */
function enumerated(diagonals: Diagonal[], lit: number, lost: number) {
  const q = new Array<number>(16).fill(lit);
  for (const [row, column] of diagonals.flatMap(diagonalPixels)) {
    q[4 * row + column] = 1 - lost;
  }
  let mean = 0, one = 0;
  for (let image = 0; image < 2 ** 16; image++) {
    const isLit = (at: number) => image >> at & 1;
    const probability = q.reduce(
      (product, p, at) => product * (isLit(at) ? p : 1 - p),
      1,
    );
    let peaks = 0;
    for (const corner of [0, 1, 4, 5]) {
      peaks += isLit(corner + 2) & isLit(corner + 5) & isLit(corner + 8);
    }
    mean += probability * peaks;
    if (peaks === 1) one += probability;
  }
  return { mean, one };
}

Deno.test("expectedPeaksOf() is what all images of 4×4 pixels give", () => {
  const rising = { row: 0, column: 0, length: 3, direction: "rising" } as const;
  const cases: Diagonal[][] = [
    [],
    [rising],
    [{ ...rising, length: 4 }],
    [{ ...rising, row: 1, column: 1 }],
    [{ ...rising, row: 1, direction: "falling" }],
    [rising, { ...rising, row: 3, column: 3, length: 1 }],
  ];
  for (const diagonals of cases) {
    for (const [lit, lost] of [[0.3, 0], [0.2, 0.1]] as const) {
      const got = expectedPeaksOf({ lit, lost }, 4)(diagonals);
      const expected = enumerated(diagonals, lit, lost);
      for (const key of ["mean", "one"] as const) {
        const difference = Math.abs(got[key] - expected[key]);
        assert.ok(difference < 1e-12, `${key} ${got[key]}, ${expected[key]}`);
      }
    }
  }
});

Deno.test("expectedPeaksOf() adds 2p + 2p² to the p³ of the other windows", () => {
  const p = 0.02;
  const { mean } = expectedPeaksOf({ lit: p, lost: 0 }, 100)([
    { row: 40, column: 60, length: 3, direction: "rising" },
  ]);
  const expected = 1 + 2 * p + 2 * p ** 2 + (98 ** 2 - 5) * p ** 3;
  assert.ok(Math.abs(mean - expected) < 1e-12, `${mean}, ${expected}`);
});
