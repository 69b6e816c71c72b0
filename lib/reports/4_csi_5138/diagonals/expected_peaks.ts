import { type Diagonal, diagonalPixels } from "./diagonal.ts";
import type { DiagonalCondition } from "./diagonal_images.ts";

/** The number of peaks of an image, as a random variable. */
export interface ExpectedPeaks {
  /** Its mean. */
  readonly mean: number;
  /** The probability that it is 1. */
  readonly one: number;
}

/** The same of a line of pixels, with the probability that it has none. */
interface LinePeaks extends ExpectedPeaks {
  readonly none: number;
}

/**
 * How many peaks images have, exactly, for given diagonals, over all that may
 * happen to their pixels.
 *
 * Pixels are independent, each lit with its own probability q. A peak is three
 * lit neighbours on a rising line of the image, so that the mean is the sum
 * over all windows of q₁q₂q₃: p³ each on a background lit with p, which makes
 * 98² p³ for 100×100 pixels, and 2p + 2p² beside each diagonal of the kernel's
 * direction that no border cuts off. The lines are independent as well; on
 * each, a Markov chain over (lit pixels in a row, at most 2; peaks, at most 1)
 * gives the probabilities of no peak and of one.
 *
 * @param condition how pixels are lit and lost
 * @param size rows and columns of an image
 * @returns the function from an image's diagonals to its peaks
 *
 * @example
 * ```ts
 * import {
 *   expectedPeaksOf,
 * } from "#lib/reports/4_csi_5138/diagonals/expected_peaks.ts";
 *
 * const expected = expectedPeaksOf({ lit: 0.01, lost: 0 }, 100);
 * const { mean, one } = expected([
 *   { row: 50, column: 50, length: 3, direction: "rising" },
 * ]);
 * console.log(mean.toFixed(4), one.toFixed(4)); // 1.0298 0.9708
 * ```
 */
export function expectedPeaksOf(
  { lit, lost }: Pick<DiagonalCondition, "lit" | "lost">,
  size: number,
): (diagonals: readonly Diagonal[]) => ExpectedPeaks {
  const lengthOf = (line: number) => size - Math.abs(size - 1 - line);
  const backgrounds = Array.from(
    { length: size + 1 },
    (_, length) => linePeaks(new Float64Array(length).fill(lit)),
  );
  return (diagonals) => {
    const pixels = diagonals.flatMap(diagonalPixels);
    const touched = Map.groupBy(pixels, ([row, column]) => row + column);
    let mean = 0, none = 1, one = 0;
    for (let line = 0; line < 2 * size - 1; line++) {
      let peaks = backgrounds[lengthOf(line)]!;
      const own = touched.get(line);
      if (own !== undefined) {
        const probabilities = new Float64Array(lengthOf(line)).fill(lit);
        const firstRow = Math.max(0, line - size + 1);
        for (const [row] of own) probabilities[row - firstRow] = 1 - lost;
        peaks = linePeaks(probabilities);
      }
      mean += peaks.mean;
      one = one * peaks.none + none * peaks.one;
      none *= peaks.none;
    }
    return { mean, one };
  };
}

/** Peaks of a line whose pixels are lit with these probabilities. */
function linePeaks(lit: Float64Array): LinePeaks {
  // Probabilities by lit pixels in a row up to here: 0, 1, 2 or more.
  let none = [1, 0, 0];
  let one = [0, 0, 0];
  let mean = 0;
  for (let i = 0; i < lit.length; i++) {
    const q = lit[i]!;
    const step = ([zero, single, more]: number[], stays: number) => [
      (zero! + single! + more!) * (1 - q),
      zero! * q,
      single! * q + stays,
    ];
    const peak = none[2]! * q;
    [none, one] = [step(none, 0), step(one, peak)];
    if (i >= 2) mean += lit[i - 2]! * lit[i - 1]! * q;
  }
  const sum = (states: number[]) => states.reduce((a, b) => a + b);
  return { mean, none: sum(none), one: sum(one) };
}
