import * as tf from "@tensorflow/tfjs";
import {
  type Bound,
  type Dtype,
  EXACT,
  type KernelCase,
  type KernelCases,
  type Tensors,
} from "../call.ts";
import type { Draw } from "../draw.ts";

const INTERPOLATED: Bound = { rtol: 1e-4, atol: 1e-4 };

const ANY: Dtype[] = ["float32", "float32", "int32", "bool"];

function resize(d: Draw) {
  const alignCorners = d.chance(0.4);
  return {
    inputs: { images: d.tensor(d.shape(4), d.pick(ANY)) },
    attrs: {
      alignCorners,
      halfPixelCenters: !alignCorners && d.chance(0.4),
      size: [d.size(9), d.size(9)],
    },
  };
}

function resizeGrad(d: Draw) {
  const shape = d.shape(4);
  const size = [d.atLeast1(), d.atLeast1()];
  return {
    inputs: {
      images: d.tensor(shape),
      dy: d.tensor([shape[0]!, ...size, shape[3]!]),
    },
    attrs: { alignCorners: d.chance(0.5), halfPixelCenters: false, size },
  };
}

/** The cpu backend gives the right values in a shape with its sides swapped. */
function resizeGradient(kernel: string): KernelCase {
  return {
    draw: resizeGrad,
    bound: INTERPOLATED,
    oracle: (inputs, attrs) =>
      tf.reshape(
        tf.engine().runKernel(kernel, inputs, attrs) as tf.Tensor,
        inputs.images!.shape,
      ),
  };
}

/**
 * The cpu backend never ends where an image is one pixel wide. Here the index
 * of each pixel is resized too: it says where the pixel came from.
 */
function nearestGradient(inputs: Tensors, attrs: Record<string, unknown>) {
  const { shape, size } = inputs.images!;
  const places = tf.engine().runKernel("ResizeNearestNeighbor", {
    images: tf.tensor(Float32Array.from({ length: size }, (_, i) => i), shape),
  }, { ...attrs, size: inputs.dy!.shape.slice(1, 3) }) as tf.Tensor;
  const dx = new Float32Array(size);
  const dy = inputs.dy!.dataSync();
  places.dataSync().forEach((place, i) => dx[place]! += dy[i]!);
  return tf.tensor(dx, shape);
}

/** Boxes and their scores, and how many of them are wanted. */
function boxes(d: Draw, attrs: Record<string, unknown>) {
  const count = d.size(20);
  const box = () => {
    const [top, left] = [d.float(), d.float()];
    return [top, left, top + d.int(-1, 4) / 2, left + d.int(0, 4) / 2];
  };
  return {
    inputs: {
      boxes: {
        shape: [count, 4],
        dtype: "float32" as const,
        values: Array.from({ length: count }, box).flat(),
      },
      scores: d.tensor([count], "float32", { low: 0, high: 1 }),
    },
    attrs: {
      maxOutputSize: d.int(0, 9),
      iouThreshold: d.pick([0, 0.25, 0.6, 1]),
      scoreThreshold: d.pick([0, 0.3, -Infinity]),
      ...attrs,
    },
  };
}

/** Kernels of images. */
export const IMAGES: KernelCases = {
  CropAndResize: {
    draw: (d) => {
      const image = d.tensor(
        [d.atLeast1(4), d.atLeast1(), d.atLeast1(), d.size(4)],
        d.dtype("float32", "float32", "int32"),
      );
      const count = d.size(5);
      const outside = d.chance(0.1) ? 2 : 0;
      return {
        inputs: {
          image,
          boxes: d.tensor([count, 4], "float32", { low: -0.5, high: 1.5 }),
          boxInd: d.intTensor([count], 0, image.shape[0]! - 1 + outside),
        },
        attrs: {
          cropSize: [d.int(1, 5), d.int(1, 5)],
          method: d.pick(["bilinear", "nearest"]),
          extrapolationValue: d.float(),
        },
      };
    },
    bound: INTERPOLATED,
    refuses: /boxInd must be/,
  },
  NonMaxSuppressionV3: { draw: (d) => boxes(d, {}), bound: EXACT },
  NonMaxSuppressionV4: {
    draw: (d) => boxes(d, { padToMaxOutputSize: d.chance(0.5) }),
    bound: EXACT,
  },
  NonMaxSuppressionV5: {
    draw: (d) => boxes(d, { softNmsSigma: d.pick([0, 0.25]) }),
    bound: { rtol: 1e-5, atol: 1e-6 },
  },
  ResizeBilinear: {
    draw: resize,
    bound: INTERPOLATED,
    gradBound: INTERPOLATED,
  },
  ResizeBilinearGrad: resizeGradient("ResizeBilinearGrad"),
  ResizeNearestNeighbor: { draw: resize, bound: EXACT },
  ResizeNearestNeighborGrad: {
    draw: resizeGrad,
    bound: INTERPOLATED,
    oracle: (inputs, attrs) => nearestGradient(inputs, attrs),
  },
  RotateWithOffset: {
    draw: (d) => ({
      inputs: { image: d.tensor(d.shape(4), d.pick(ANY)) },
      attrs: {
        radians: d.float(),
        fillValue: d.chance(0.5) ? d.int(0, 9) : [1, 2, 3],
        center: d.chance(0.5) ? 0.5 : [0.25, 1],
      },
    }),
    bound: EXACT,
  },
  Transform: {
    draw: (d) => {
      const image = d.tensor([
        d.atLeast1(3),
        d.atLeast1(),
        d.atLeast1(),
        d.size(4),
      ]);
      const count = d.chance(0.5) ? 1 : image.shape[0]!;
      const transform = () => [
        d.pick([1, 0.5, -1, 2]),
        d.pick([0, 0.5]),
        d.float(),
        d.pick([0, -0.5]),
        d.pick([1, 0.5, -1]),
        d.float(),
        0,
        0,
      ];
      return {
        inputs: {
          image,
          transforms: {
            shape: [count, 8],
            dtype: "float32",
            values: Array.from({ length: count }, transform).flat(),
          },
        },
        attrs: {
          interpolation: d.pick(["nearest", "bilinear"]),
          fillMode: d.pick(["constant", "reflect", "wrap", "nearest"]),
          fillValue: d.float(),
          outputShape: d.chance(0.3) ? undefined : [d.size(5), d.size(5)],
        },
      };
    },
    bound: INTERPOLATED,
  },
};
