import type { Random } from "../../../base/random.ts";

/** The ways a diagonal can run: `/`, the detector's own, and `\`. */
export type Direction = "rising" | "falling";

/** A line of touching pixels at 45° in a square image. */
export interface Diagonal {
  /** Row of the upper left corner of the square that holds it, from 0. */
  readonly row: number;
  /** Column of that corner, from 0. */
  readonly column: number;
  /** Pixels, at least 1. */
  readonly length: number;
  readonly direction: Direction;
}

/** Pixels between two diagonals of an image, at least (question 3). */
const MIN_DISTANCE = 3;

/**
 * The pixels of a diagonal, from its upper end to its lower one.
 *
 * @param diagonal where it is
 * @returns row and column of each, `length` of them
 *
 * @example
 * ```ts
 * import {
 *   diagonalPixels,
 * } from "#lib/reports/4_csi_5138/diagonals/diagonal.ts";
 *
 * const pixels = diagonalPixels({
 *   row: 5,
 *   column: 0,
 *   length: 3,
 *   direction: "rising",
 * });
 * console.log(pixels); // [ [ 5, 2 ], [ 6, 1 ], [ 7, 0 ] ]
 * ```
 */
export function diagonalPixels(
  { row, column, length, direction }: Diagonal,
): [row: number, column: number][] {
  return Array.from({ length }, (_, i) => [
    row + i,
    column + (direction === "rising" ? length - 1 - i : i),
  ]);
}

/**
 * How far two diagonals are apart: the smallest max(|Δrow|, |Δcolumn|) of a
 * pixel of the one and a pixel of the other (Chebyshev). It is at least 3 where
 * no 3×3 window holds pixels of both, and just where the Euclidean distance is
 * at least 3 too: two pixels of one window are at most √8 apart.
 *
 * @param a a diagonal
 * @param b another one
 * @returns pixels, 0 where they cross or overlap
 *
 * @example
 * ```ts
 * import {
 *   diagonalDistance,
 * } from "#lib/reports/4_csi_5138/diagonals/diagonal.ts";
 *
 * const a = { row: 0, column: 0, length: 3, direction: "rising" } as const;
 * console.log(diagonalDistance(a, { ...a, column: 5 })); // 3
 * ```
 */
export function diagonalDistance(a: Diagonal, b: Diagonal): number {
  let least = Infinity;
  for (const [row, column] of diagonalPixels(a)) {
    for (const [otherRow, otherColumn] of diagonalPixels(b)) {
      const apart = Math.max(
        Math.abs(row - otherRow),
        Math.abs(column - otherColumn),
      );
      least = Math.min(least, apart);
    }
  }
  return least;
}

/**
 * Draws an image's diagonals: length and direction of each, every one with the
 * same probability, and then their places, uniform over all in which they lie
 * within the image and are at least three pixels apart (drawn again until they
 * are).
 *
 * @param random draws them
 * @param options.count 1 or 2
 * @param options.size rows and columns of the image
 * @param options.lengths the smallest and the largest length
 * @param options.directions the ones to choose from, at least one
 * @returns the diagonals
 * @throws {RangeError} if the image may have no room for them
 *
 * @example
 * ```ts
 * import {
 *   diagonalDistance,
 *   drawDiagonals,
 * } from "#lib/reports/4_csi_5138/diagonals/diagonal.ts";
 * import { createRandom } from "alphalab/random";
 *
 * const [a, b] = drawDiagonals(createRandom(0), {
 *   count: 2,
 *   size: 100,
 *   lengths: [3, 3],
 *   directions: ["rising"],
 * });
 * console.log(diagonalDistance(a!, b!) >= 3); // true
 * ```
 */
export function drawDiagonals(
  random: Random,
  options: {
    readonly count: 1 | 2;
    readonly size: number;
    readonly lengths: readonly [least: number, most: number];
    readonly directions: readonly Direction[];
  },
): Diagonal[] {
  const { count, size, lengths: [least, most], directions } = options;
  const room = count * most + (count - 1) * (MIN_DISTANCE - 1);
  if (size < room) {
    throw new RangeError(
      `Cannot draw diagonals: size must be at least ${room} for ${count} of ${most} pixels: got ${size}`,
    );
  }
  const kinds = Array.from({ length: count }, () => ({
    length: least + random.uniformInt(most - least + 1),
    direction: directions[random.uniformInt(directions.length)]!,
  }));
  for (;;) {
    const [first, second] = kinds.map((kind): Diagonal => ({
      row: random.uniformInt(size - kind.length + 1),
      column: random.uniformInt(size - kind.length + 1),
      ...kind,
    }));
    if (second === undefined) return [first!];
    if (diagonalDistance(first!, second) >= MIN_DISTANCE) {
      return [first!, second];
    }
  }
}
