import { maxOf } from "../base/statistics.ts";
import type { BorderPiece } from "./layer.ts";
import { layerShapes, type PlainLayer } from "./plain_net.ts";
import { forwardPlain, pullBack } from "./plain_passes.ts";

const product = (sides: readonly number[]) =>
  sides.reduce((product, side) => product * side, 1);

/** Multiply-adds of the one layer that linear layers in a row become. */
export function foldedCost(
  layers: readonly PlainLayer[],
  shape: readonly number[],
): number {
  const outShape = layerShapes(layers, shape).at(-1)!;
  return outShape.length === 1 ? product([...shape, ...outShape]) : product([
    ...outShape,
    windowOf(layers, 0).size,
    windowOf(layers, 1).size,
    shape[2]!,
  ]);
}

/**
 * Linear layers in a row as one; a flattening stands before a dense layer that
 * takes an image.
 *
 * @param layers convolutions, dense layers, batch norms, flattenings
 * @param shape of what enters them
 * @param name of the layer
 */
export function foldLayers(
  layers: readonly PlainLayer[],
  shape: readonly number[],
  name: string,
): PlainLayer[] {
  const outShape = layerShapes(layers, shape).at(-1)!;
  if (outShape.length === 3) return [foldConvolutions(layers, shape, name)];
  const outFeatures = outShape[0]!, inFeatures = product(shape);
  const weights = new Float64Array(inFeatures * outFeatures);
  for (let k = 0; k < outFeatures; k++) {
    const row = pullBack(layers, unit(outFeatures, k), shape);
    row.forEach((value, i) => weights[i * outFeatures + k] = value);
  }
  return [
    ...shape.length === 1 ? [] : [{ kind: "flatten" } as const],
    {
      kind: "dense",
      name,
      shape: [inFeatures, outFeatures],
      weights,
      bias: forwardPlain(layers, new Float64Array(inFeatures), shape),
    },
  ];
}

function unit(length: number, index: number): Float64Array {
  const values = new Float64Array(length);
  values[index] = 1;
  return values;
}

/** What an output of layers in a row sees along an axis, and from where on. */
function windowOf(layers: readonly PlainLayer[], axis: 0 | 1) {
  let size = 1, stride = 1, pad = 0;
  for (const layer of layers) {
    if (layer.kind !== "conv2d") continue;
    size += (layer.shape[axis]! - 1) * stride;
    pad += layer.pad[axis] * stride;
    stride *= layer.stride;
  }
  return { size, stride, pad };
}

/** Outputs along an axis that one kernel serves, or that share a piece. */
interface Band {
  /** The first output, and their number. */
  readonly first: number;
  readonly count: number;
  /** Whether each of them has a kernel of its own. */
  readonly isBorder: boolean;
  /** What they see of the image, from `low` on, before `high`. */
  readonly low: number;
  readonly high: number;
}

/**
 * The bands of an axis. An output is at the border if a layer behind the first
 * one has seen its padding, whose zeros are no outputs of the layer before it.
 */
function bandsOf(
  layers: readonly PlainLayer[],
  shapes: readonly (readonly number[])[],
  axis: 0 | 1,
): Band[] {
  const outSize = shapes.at(-1)![axis]!, inSize = shapes[0]![axis]!;
  const isCut = (output: number) => {
    let low = output, high = output;
    for (let i = layers.length - 1; i > 0; i--) {
      const layer = layers[i]!;
      if (layer.kind !== "conv2d") continue;
      low = low * layer.stride - layer.pad[axis];
      high = high * layer.stride - layer.pad[axis] + layer.shape[axis]! - 1;
      if (low < 0 || high >= shapes[i]![axis]!) return true;
    }
    return false;
  };
  const outputs = Array.from({ length: outSize }, (_, i) => i);
  const inside = outputs.filter((output) => !isCut(output));
  const first = inside[0] ?? outSize, end = (inside.at(-1) ?? outSize - 1) + 1;
  const { size, stride, pad } = windowOf(layers, axis);
  const band = (first: number, end: number, isBorder: boolean): Band[] => {
    const low = first * stride - pad, high = (end - 1) * stride - pad + size;
    const place = { first, count: end - first, isBorder };
    if (first >= end) return [];
    if (!isBorder) return [{ ...place, low, high }];
    const from = Math.min(Math.max(0, low), inSize - 1);
    return [{
      ...place,
      low: from,
      high: Math.max(from + 1, Math.min(high, inSize)),
    }];
  };
  return [
    ...band(0, first, true),
    ...band(first, end, false),
    ...band(end, outSize, true),
  ];
}

function foldConvolutions(
  layers: readonly PlainLayer[],
  shape: readonly number[],
  name: string,
): PlainLayer {
  const shapes = layerShapes(layers, shape);
  const rows = bandsOf(layers, shapes, 0), columns = bandsOf(layers, shapes, 1);
  const [down, across] = [windowOf(layers, 0), windowOf(layers, 1)];
  const outside = (bands: readonly Band[], size: number) =>
    [
      maxOf([0, ...bands.map(({ low }) => -low)]),
      maxOf([0, ...bands.map(({ high }) => high - size)]),
    ] as const;
  const above = outside(rows, shape[0]!), before = outside(columns, shape[1]!);
  const pieces = rows.map((row) =>
    columns.map((column): BorderPiece<Float64Array> => ({
      top: row.low + above[0],
      left: column.low + before[0],
      height: row.high - row.low,
      width: column.high - column.low,
      rows: row.isBorder ? row.count : 1,
      columns: column.isBorder ? column.count : 1,
      ...kernelsOf(layers, shape, row, column),
    }))
  );
  const only = pieces.flat();
  const [padRows, padColumns] = [down.pad, across.pad];
  if (only.length === 1 && !rows[0]!.isBorder && !columns[0]!.isBorder) {
    return {
      kind: "conv2d",
      name,
      shape: only[0]!.shape,
      filter: only[0]!.filter,
      bias: only[0]!.bias,
      pad: [padRows, padColumns],
      stride: down.stride,
    };
  }
  return {
    kind: "bordered-conv2d",
    name,
    pads: [...above, ...before],
    stride: down.stride,
    sides: [shape[0]!, shape[1]!],
    window: [down.size, across.size],
    outShape: shapes.at(-1) as [number, number, number],
    pieces,
  };
}

/**
 * The kernels and biases of a piece's outputs. Inside, where no output sees the
 * padding of a layer behind the first one, they are those of an image that the
 * window fills, without padding.
 */
function kernelsOf(
  layers: readonly PlainLayer[],
  shape: readonly number[],
  row: Band,
  column: Band,
): Pick<BorderPiece<Float64Array>, "shape" | "filter" | "bias"> {
  const inChannels = shape[2]!;
  const bands = [row, column];
  const sides = bands.map((band, axis) =>
    band.isBorder
      ? {
        size: shape[axis]!,
        low: band.low,
        high: band.high,
        count: band.count,
      }
      : {
        size: windowOf(layers, axis as 0 | 1).size,
        low: 0,
        high: windowOf(layers, axis as 0 | 1).size,
        count: 1,
      }
  );
  const [down, across] = sides as [typeof sides[0], typeof sides[0]];
  const unpadded = layers.map((layer) =>
    layer.kind === "conv2d"
      ? {
        ...layer,
        pad: layer.pad.map((pad, axis) => bands[axis]!.isBorder ? pad : 0) as [
          number,
          number,
        ],
      }
      : layer
  );
  const inShape = [down.size, across.size, inChannels];
  const [outHeight, outWidth, outChannels] = layerShapes(unpadded, inShape)
    .at(-1) as [number, number, number];
  const biases = forwardPlain(
    unpadded,
    new Float64Array(product(inShape)),
    inShape,
  );
  const height = down.high - down.low, width = across.high - across.low;
  const outs = down.count * across.count * outChannels;
  const filter = new Float64Array(height * width * inChannels * outs);
  const bias = new Float64Array(outs);
  for (let out = 0; out < outs; out++) {
    const k = out % outChannels;
    const place = Math.floor(out / outChannels);
    const y = (row.isBorder ? row.first : 0) + Math.floor(place / across.count);
    const x = (column.isBorder ? column.first : 0) + place % across.count;
    const at = (y * outWidth + x) * outChannels + k;
    bias[out] = biases[at]!;
    const gradient = pullBack(
      unpadded,
      unit(outHeight * outWidth * outChannels, at),
      inShape,
    );
    for (let i = 0; i < height; i++) {
      const from = ((down.low + i) * across.size + across.low) * inChannels;
      for (let j = 0; j < width * inChannels; j++) {
        filter[(i * width * inChannels + j) * outs + out] = gradient[from + j]!;
      }
    }
  }
  return { shape: [height, width, inChannels, outs], filter, bias };
}
