import type { ImageDataset, ImageSplit } from "../../../data/image_dataset.ts";
import { deriveRandom, type Random } from "../../../base/random.ts";
import {
  type Diagonal,
  diagonalPixels,
  type Direction,
  drawDiagonals,
} from "./diagonal.ts";

/** What images are drawn of, and what happens to their pixels. */
export interface DiagonalCondition {
  /** Unique in a run. */
  readonly name: string;
  /** Pixels of a diagonal, the fewest and the most: all equally likely. */
  readonly lengths: readonly [least: number, most: number];
  /** What a diagonal's direction is drawn from. */
  readonly directions: readonly Direction[];
  /** Probability that a pixel of the background is lit, in [0, 1). */
  readonly lit: number;
  /** Probability that a pixel of a diagonal is dark, in [0, 1). */
  readonly lost: number;
}

/** Images with what was drawn in each. */
export interface DiagonalImages extends ImageSplit {
  /** Of each image, before any pixel was lit or lost. */
  readonly diagonals: readonly (readonly Diagonal[])[];
}

/** A pixel that is lit; others are 0. */
const LIT = 255;

/**
 * Draws images of one diagonal (label 0, the report's class 1) and of two
 * (label 1, class 2), in turn, so that the classes are equally large, and the
 * first images are the same however many there are.
 *
 * Which pixels of the background are lit is drawn by the gaps between them,
 * ⌊ln(1 − u) / ln(1 − p)⌋ for u uniform in [0, 1), which is geometric: one
 * number per lit pixel instead of one per pixel.
 *
 * @param condition what is drawn
 * @param options.count images
 * @param options.size rows and columns of an image
 * @param options.random draws everything
 * @returns pixels of 0 and 255, `[count, size, size, 1]`
 * @throws {RangeError} if the images have no room for two diagonals
 *
 * @example
 * ```ts
 * import {
 *   createDiagonalImages,
 *   PLAIN_CONDITION,
 * } from "#lib/reports/4_csi_5138/diagonals/diagonal_images.ts";
 * import { createRandom } from "alphalab/random";
 *
 * const { images, labels } = createDiagonalImages(PLAIN_CONDITION, {
 *   count: 2,
 *   size: 20,
 *   random: createRandom(0),
 * });
 * console.log(labels); // Int32Array [ 0, 1 ]
 * console.log(images.filter((pixel) => pixel > 0).length); // 9
 * ```
 */
export function createDiagonalImages(
  condition: DiagonalCondition,
  options: {
    readonly count: number;
    readonly size: number;
    readonly random: Random;
  },
): DiagonalImages {
  const { lit, lost } = condition;
  const { count, size, random } = options;
  const images = new Uint8Array(count * size * size);
  const labels = new Int32Array(count);
  const diagonals = Array.from({ length: count }, (_, index) => {
    labels[index] = index % 2;
    const drawn = drawDiagonals(random, {
      ...condition,
      count: index % 2 === 0 ? 1 : 2,
      size,
    });
    const image = images.subarray(index * size ** 2, (index + 1) * size ** 2);
    lightBackground(image, lit, random);
    for (const [row, column] of drawn.flatMap(diagonalPixels)) {
      const isLost = lost > 0 && random.uniform() < lost;
      image[row * size + column] = isLost ? 0 : LIT;
    }
    return drawn;
  });
  return { images, labels, count, diagonals };
}

function lightBackground(image: Uint8Array, lit: number, random: Random) {
  if (lit === 0) return;
  const gap = () =>
    Math.floor(Math.log1p(-random.uniform()) / Math.log1p(-lit));
  for (let at = gap(); at < image.length; at += 1 + gap()) image[at] = LIT;
}

/** Names of the conditions that the report's claims are about. */
export const PLAIN = "plain", BOTH = "both directions";

/** The report's images: diagonals of three pixels, rising, and nothing else. */
export const PLAIN_CONDITION: DiagonalCondition = {
  name: PLAIN,
  lengths: [3, 3],
  directions: ["rising"],
  lit: 0,
  lost: 0,
};

/**
 * Plain images whose background is lit here and there.
 *
 * @param p probability that a pixel of the background is lit, in (0, 1)
 * @returns the condition `noise p`
 *
 * @example
 * ```ts
 * import {
 *   noisyCondition,
 * } from "#lib/reports/4_csi_5138/diagonals/diagonal_images.ts";
 *
 * console.log(noisyCondition(0.01).name); // noise 0.01
 * ```
 */
export function noisyCondition(p: number): DiagonalCondition {
  return { ...PLAIN_CONDITION, name: `noise ${p}`, lit: p };
}

/**
 * What the report's rule is put to: plain images; noise; flips, where pixels of
 * the diagonals are dark with the same probability; longer diagonals; both
 * directions; and the last two with the noise in the middle of the list.
 *
 * @param noise probabilities, at least one
 * @returns the conditions, in this order
 *
 * @example
 * ```ts
 * import {
 *   detectorConditions,
 * } from "#lib/reports/4_csi_5138/diagonals/diagonal_images.ts";
 *
 * console.log(detectorConditions([0.01]).map(({ name }) => name).join("; "));
 * // plain; noise 0.01; flips 0.01; lengths 4 to 6; both directions;
 * // both, 4 to 6, noise 0.01
 * ```
 */
export function detectorConditions(
  noise: readonly number[],
): DiagonalCondition[] {
  const longer = { name: "lengths 4 to 6", lengths: [4, 6] } as const;
  const both = { name: BOTH, directions: ["rising", "falling"] } as const;
  const middle = noise[Math.floor(noise.length / 2)]!;
  return [
    PLAIN_CONDITION,
    ...noise.map(noisyCondition),
    ...noise.map((p) => ({
      ...noisyCondition(p),
      name: `flips ${p}`,
      lost: p,
    })),
    { ...PLAIN_CONDITION, ...longer },
    { ...PLAIN_CONDITION, ...both },
    {
      ...noisyCondition(middle),
      ...longer,
      ...both,
      name: `both, 4 to 6, noise ${middle}`,
    },
  ];
}

/**
 * Conditions with a picture: the plain ones, those of the last noise, and other
 * diagonals.
 *
 * @param noise probabilities, at least one
 */
export function picturedConditions(
  noise: readonly number[],
): DiagonalCondition[] {
  const lastNoise = noisyCondition(noise.at(-1)!).name;
  return detectorConditions(noise).filter(({ name, lit }) =>
    lit === 0 || name === lastNoise
  );
}

/** Rows and columns of an image. */
export const SIZE = 100;

/** An image's shape. */
export const IMAGE_SHAPE = { height: SIZE, width: SIZE, channels: 1 };

/**
 * Images of a condition, their own for each use and seed.
 *
 * @param use what the images are for, in a word
 */
export function seededImages(
  condition: DiagonalCondition,
  use: string,
  { seed, count, size = SIZE }: {
    readonly seed: number;
    readonly count: number;
    readonly size?: number;
  },
): DiagonalImages {
  const random = deriveRandom(seed, `${use} ${condition.name}`);
  return createDiagonalImages(condition, { count, size, random });
}

/** Test images that each epoch is judged by. */
const EPOCH_TEST_SIZE = 1_000;

/**
 * A condition as a data set: what a net learns from, and what each of its
 * epochs is judged by.
 *
 * @param condition what the images are of
 * @param options.testSize images of the final test, of which the first 1,000
 *   judge an epoch
 */
export function diagonalDataset(
  condition: DiagonalCondition,
  { seed, trainSize, testSize }: {
    readonly seed: number;
    readonly trainSize: number;
    readonly testSize: number;
  },
): ImageDataset {
  const count = Math.min(testSize, EPOCH_TEST_SIZE);
  return {
    name: condition.name,
    ...IMAGE_SHAPE,
    numClasses: 2,
    classNames: ["class 1", "class 2"],
    train: seededImages(condition, "train", { seed, count: trainSize }),
    validation: null,
    test: seededImages(condition, "test", { seed, count }),
    sha256: {},
    remarks: [],
  };
}
