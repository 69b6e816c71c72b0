import * as tf from "@tensorflow/tfjs";
import {
  type KernelContext,
  kernelContext,
  type KernelTable,
} from "../wasm/kernel_context.ts";

/** Pixels per chunk: some 10 µs. */
const CHUNK_SIZE = 65_536;

/** Attributes of kernel `PixelTensor`. */
interface Attrs {
  pixels: Uint8Array;
  shape: number[];
}

/**
 * Pixels / 255 as a tensor, each the float32 nearest to the quotient, without
 * an array of floats in between.
 *
 * @param pixels 0 to 255, row-major
 * @param shape `[batch, height, width, channels]`
 * @returns float32 of that shape, 0 to 1
 * @throws RangeError if the pixels are not as many as the shape wants
 *
 * @example
 * ```ts
 * import { startBackend } from "alphalab";
 * import { pixelTensor } from "alphalab/ops";
 *
 * const backend = await startBackend({ threads: 1 });
 * const image = pixelTensor(new Uint8Array([0, 255]), [1, 1, 2, 1]);
 * console.log(image.dataSync()); // Float32Array [ 0, 1 ]
 * backend.stop();
 * ```
 */
export function pixelTensor(
  pixels: Uint8Array,
  shape: [number, number, number, number],
): tf.Tensor4D {
  kernelContext("compute pixelTensor");
  if (pixels.length !== tf.util.sizeFromShape(shape)) {
    throw new RangeError(
      `Cannot compute pixelTensor: pixels must fill [${shape}]: got ${pixels.length}`,
    );
  }
  const attrs: Attrs = { pixels, shape };
  return tf.engine().runKernel(
    "PixelTensor",
    {},
    attrs as never,
  ) as tf.Tensor4D;
}

/** Kernel `PixelTensor`: pixels, which are an attribute, → y. */
export function pixelTensorKernels(context: KernelContext): KernelTable {
  return {
    PixelTensor: ({ attrs }) => {
      const { pixels, shape } = attrs as unknown as Attrs;
      const out = context.output(shape);
      const at = context.scratch(pixels.length);
      new Uint8Array(context.memory.buffer, at, pixels.length).set(pixels);
      const chunks = Math.ceil(pixels.length / CHUNK_SIZE);
      context.pool.run("scalePixelsF32", chunks, {
        pixels: at,
        out: context.pointer(out),
        size: pixels.length,
        chunkSize: CHUNK_SIZE,
        divisor: 255,
      });
      return out;
    },
  };
}
