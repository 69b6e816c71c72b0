import type { ImageSplit } from "../../../../../lib/data/image_dataset.ts";
import { createRandom } from "../../../../../lib/base/random.ts";
import golden from "../../../../golden/by_hand.json" with { type: "json" };

/** The examples of tests/golden/by_hand.py. */
export const goldenExamples: ImageSplit = {
  images: Uint8Array.from(golden.images),
  labels: Int32Array.from(golden.labels),
  count: golden.labels.length,
};

/**
 * Random images, a third of them black, white at one pixel or all white, with
 * random labels.
 */
export function syntheticExamples(
  { count, pixels, numClasses, seed }: {
    count: number;
    pixels: number;
    numClasses: number;
    seed: number;
  },
): ImageSplit {
  const random = createRandom(seed);
  const images = new Uint8Array(count * pixels);
  for (let i = 0; i < count; i++) {
    const image = images.subarray(i * pixels, (i + 1) * pixels);
    const kind = random.uniformInt(9);
    if (kind === 0) continue;
    if (kind === 1) image[random.uniformInt(pixels)] = 255;
    else if (kind === 2) image.fill(255);
    else for (let p = 0; p < pixels; p++) image[p] = random.uniformInt(256);
  }
  const labels = Int32Array.from(
    { length: count },
    () => random.uniformInt(numClasses),
  );
  return { images, labels, count };
}

/** The inputs of one image: pixel · scale, then the bias' input, if any. */
export function inputsOf(
  { images, count }: ImageSplit,
  index: number,
  scale: number,
  bias?: number,
): Float64Array {
  const pixels = images.length / count;
  const image = images.subarray(index * pixels, (index + 1) * pixels);
  return Float64Array.from([
    ...Array.from(image, (pixel) => pixel * scale),
    ...bias === undefined ? [] : [bias],
  ]);
}

/** Any order of so many examples. */
export function randomOrder(count: number, seed: number): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  createRandom(seed).shuffle(order);
  return order;
}
