/**
 * Deep-learning homework, reproduced in a terminal.
 * @module
 */
export * from "./lib/data/batches.ts";
export * from "./lib/data/fashion_mnist.ts";
export * from "./lib/data/image_dataset.ts";
export * from "./lib/data/random.ts";
export * from "./lib/data/read_idx.ts";
export * from "./lib/data/scale_pixels.ts";
