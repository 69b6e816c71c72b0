import {
  layerShapes,
  outputShape,
  type Plain,
  type PlainLayer,
} from "./plain_net.ts";

/**
 * What a net makes of one image, in float64: the sums of each output from the
 * first term on.
 *
 * @param layers the net
 * @param x the image, row-major
 * @param shape its shape
 * @returns the last layer's output, row-major
 */
export function forwardPlain(
  layers: readonly PlainLayer[],
  x: Float64Array,
  shape: readonly number[],
): Float64Array {
  const shapes = layerShapes(layers, shape);
  return layers.reduce(
    (values, layer, i) => forwardLayer(layer, values, shapes[i]!),
    x,
  );
}

/**
 * The gradient of a net of linear layers in its input, which is the product
 * with the transpose of what it does.
 *
 * @param layers convolutions, dense layers, batch norms, flattenings
 * @param dy of the output, row-major
 * @param shape of the input
 * @returns of the input, row-major
 * @throws {TypeError} for a layer that is not linear
 */
export function pullBack(
  layers: readonly PlainLayer[],
  dy: Float64Array,
  shape: readonly number[],
): Float64Array {
  const shapes = layerShapes(layers, shape);
  return layers.reduceRight(
    (gradient, layer, i) => pullBackLayer(layer, gradient, shapes[i]!),
    dy,
  );
}

function forwardLayer(
  layer: PlainLayer,
  x: Float64Array,
  shape: readonly number[],
): Float64Array {
  switch (layer.kind) {
    case "conv2d":
      return convolve(layer, x, shape);
    case "bordered-conv2d":
      return convolveBordered(layer, x, shape);
    case "dense": {
      const [inFeatures, outFeatures] = layer.shape as [number, number];
      const y = layer.bias.slice();
      for (let i = 0; i < inFeatures; i++) {
        const value = x[i]!, row = i * outFeatures;
        for (let k = 0; k < outFeatures; k++) {
          y[k]! += value * layer.weights[row + k]!;
        }
      }
      return y;
    }
    case "batch-norm": {
      const channels = layer.scale.length;
      const factors = normFactors(layer);
      return x.map((value, i) => {
        const c = i % channels;
        return (value - layer.mean[c]!) * factors[c]! + layer.offset[c]!;
      });
    }
    case "activation": {
      const { alpha } = layer;
      return x.map((value, i) =>
        value > 0 ? value : (alpha ? 1 - alpha[i % alpha.length]! : 0) * value
      );
    }
    case "max-pool":
      return poolMaxima(layer, x, shape);
    case "flatten":
      return x;
  }
}

/** What a batch norm multiplies each channel by. */
function normFactors({ scale, variance, epsilon }: Plain<"batch-norm">) {
  return scale.map((value, c) => value / Math.sqrt(variance[c]! + epsilon));
}

type Convolution = Pick<Plain<"conv2d">, "shape" | "filter" | "pad" | "stride">;

/**
 * Calls `visit` with the offsets of an output, an input and a filter's place,
 * for each output and each place of the filter that lies on the image; `skips`
 * leaves out outputs.
 */
function visitTaps(
  { shape: [filterHeight, filterWidth, inChannels, outChannels], pad, stride }:
    Convolution,
  [height, width]: readonly number[],
  [outHeight, outWidth]: readonly number[],
  visit: (out: number, from: number, filter: number) => void,
  skips: (out: number) => boolean = () => false,
) {
  for (let row = 0; row < outHeight!; row++) {
    for (let column = 0; column < outWidth!; column++) {
      const out = (row * outWidth! + column) * outChannels!;
      if (skips(out)) continue;
      const top = row * stride - pad[0], left = column * stride - pad[1];
      for (let i = Math.max(0, -top); i < filterHeight!; i++) {
        if (top + i >= height!) break;
        for (let j = Math.max(0, -left); j < filterWidth!; j++) {
          if (left + j >= width!) break;
          visit(
            out,
            ((top + i) * width! + left + j) * inChannels!,
            (i * filterWidth! + j) * inChannels! * outChannels!,
          );
        }
      }
    }
  }
}

function convolve(
  layer: Convolution & Pick<Plain<"conv2d">, "bias">,
  x: Float64Array,
  shape: readonly number[],
): Float64Array {
  const { filter, bias } = layer;
  const [, , inChannels, outChannels] = layer.shape as number[];
  const outShape = outputShape({ kind: "conv2d", name: "", ...layer }, shape);
  const y = new Float64Array(outShape[0]! * outShape[1]! * outChannels!);
  for (let i = 0; i < y.length; i += outChannels!) y.set(bias, i);
  visitTaps(layer, shape, outShape, (out, from, tap) => {
    for (let c = 0; c < inChannels!; c++) {
      const value = x[from + c]!, weights = tap + c * outChannels!;
      for (let k = 0; k < outChannels!; k++) {
        y[out + k]! += value * filter[weights + k]!;
      }
    }
  });
  return y;
}

function convolveBordered(
  { pads, stride, outShape, pieces }: Plain<"bordered-conv2d">,
  x: Float64Array,
  [height, width, channels]: readonly number[],
): Float64Array {
  const [above, , before] = pads;
  const [, outWidth, outChannels] = outShape;
  const y = new Float64Array(outShape[0] * outWidth * outChannels);
  let firstRow = 0;
  for (const row of pieces) {
    let firstColumn = 0, rows = 0;
    for (const piece of row) {
      const part = new Float64Array(piece.height * piece.width * channels!);
      for (let i = 0; i < piece.height; i++) {
        const from = piece.top + i - above;
        for (let j = 0; j < piece.width; j++) {
          const at = piece.left + j - before;
          if (from < 0 || from >= height! || at < 0 || at >= width!) continue;
          const start = (from * width! + at) * channels!;
          part.set(
            x.subarray(start, start + channels!),
            (i * piece.width + j) * channels!,
          );
        }
      }
      const partShape = [piece.height, piece.width, channels!];
      const { shape, filter, bias } = piece;
      const convolution = { shape, filter, bias, pad: [0, 0], stride } as const;
      const sums = convolve(convolution, part, partShape);
      const [up, across] = outputShape(
        { kind: "conv2d", name: "", ...convolution },
        partShape,
      ) as [number, number];
      // [up, across, rows, columns, outChannels] of the piece
      sums.forEach((sum, i) => {
        const k = i % outChannels;
        const place = Math.floor(i / outChannels);
        const column = place % piece.columns;
        const row = Math.floor(place / piece.columns) % piece.rows;
        const pixel = Math.floor(place / (piece.columns * piece.rows));
        const outRow = firstRow + Math.floor(pixel / across) * piece.rows + row;
        const outColumn = firstColumn + pixel % across * piece.columns + column;
        y[(outRow * outWidth + outColumn) * outChannels + k] = sum;
      });
      firstColumn += across * piece.columns;
      rows = up * piece.rows;
    }
    firstRow += rows;
  }
  return y;
}

function poolMaxima(
  layer: Plain<"max-pool">,
  x: Float64Array,
  shape: readonly number[],
): Float64Array {
  const [height, width, channels] = outputShape(layer, shape);
  const y = new Float64Array(height! * width! * channels!);
  return y.map((_, i) => {
    const c = i % channels!;
    const column = Math.floor(i / channels!) % width! * layer.size;
    const row = Math.floor(i / (channels! * width!)) * layer.size;
    let largest = -Infinity;
    for (let dy = 0; dy < layer.size; dy++) {
      for (let dx = 0; dx < layer.size; dx++) {
        const at = ((row + dy) * shape[1]! + column + dx) * channels! + c;
        largest = Math.max(largest, x[at]!);
      }
    }
    return largest;
  });
}

function pullBackLayer(
  layer: PlainLayer,
  dy: Float64Array,
  shape: readonly number[],
): Float64Array {
  switch (layer.kind) {
    case "conv2d": {
      const { filter } = layer;
      const [, , inChannels, outChannels] = layer.shape as number[];
      const dx = new Float64Array(shape[0]! * shape[1]! * inChannels!);
      const isZero = (out: number) => {
        for (let k = 0; k < outChannels!; k++) {
          if (dy[out + k] !== 0) return false;
        }
        return true;
      };
      visitTaps(layer, shape, outputShape(layer, shape), (out, from, tap) => {
        for (let c = 0; c < inChannels!; c++) {
          const weights = tap + c * outChannels!;
          let sum = 0;
          for (let k = 0; k < outChannels!; k++) {
            sum += dy[out + k]! * filter[weights + k]!;
          }
          dx[from + c]! += sum;
        }
      }, isZero);
      return dx;
    }
    case "dense": {
      const [inFeatures, outFeatures] = layer.shape as [number, number];
      return Float64Array.from({ length: inFeatures }, (_, i) => {
        let sum = 0;
        for (let k = 0; k < outFeatures; k++) {
          sum += layer.weights[i * outFeatures + k]! * dy[k]!;
        }
        return sum;
      });
    }
    case "batch-norm": {
      const factors = normFactors(layer);
      return dy.map((value, i) => value * factors[i % factors.length]!);
    }
    case "flatten":
      return dy;
    default:
      throw new TypeError(
        `Cannot pull back: layers must be linear: got ${layer.kind}`,
      );
  }
}
