import * as tf from "@tensorflow/tfjs";
import type { BorderedConv2d, BorderPiece } from "../models/layer.ts";
import type { OnnxGraph } from "./_onnx_graph.ts";

/**
 * Adds a convolution with kernels of its own at borders, channels first.
 *
 * Each piece convolves its part of the image, with the zeros around the image
 * as the convolution's own padding. Rows and columns of the output that lie in
 * a piece's channels are put behind the others there, which is where a Reshape
 * finds them.
 *
 * @param images `[batch, channels, height, width]`
 * @returns the output, `[batch, outChannels, outHeight, outWidth]`
 */
export function addBorderedConv2d(
  graph: OnnxGraph,
  images: string,
  layer: BorderedConv2d & { readonly name: string },
): string {
  const { name, stride, outShape, pieces } = layer;
  const channels = outShape[2];
  const rows = pieces.map((row, i) => {
    const parts = row.map((piece, j) => {
      const place = `${name}_${i}_${j}`;
      const { rows, columns } = piece;
      const { image, pads } = addPart(graph, images, place, layer, piece);
      const [filter, bias] = outFirst(piece, channels);
      const y = graph.node("Conv", place, [
        image,
        addTensor(graph, `${place}_filter`, filter),
        addTensor(graph, `${place}_bias`, bias),
      ], {
        kernel_shape: { ints: piece.shape.slice(0, 2) },
        pads: { ints: pads },
        strides: { ints: [stride, stride] },
      });
      tf.dispose([filter, bias]);
      if (rows * columns === 1) return y;
      // 0 keeps the batch's size, −1 is what is left.
      const shape = columns === 1 || rows > 1
        ? [0, channels, rows, -1]
        : [0, channels, columns, -1];
      const apart = graph.node("Reshape", `${place}_apart`, [
        y,
        graph.integers(`${place}_shape`, shape),
      ]);
      return rows > 1 ? apart : graph.node(
        "Transpose",
        `${place}_turned`,
        [apart],
        { perm: { ints: [0, 1, 3, 2] } },
      );
    });
    return joined(graph, `${name}_${i}`, parts, 3);
  });
  return joined(graph, name, rows, 2);
}

/** The part of the image that a piece sees, and the zeros around that. */
function addPart(
  graph: OnnxGraph,
  image: string,
  place: string,
  { pads, sides }: BorderedConv2d,
  piece: BorderPiece,
): { image: string; pads: number[] } {
  const along = (
    first: number,
    length: number,
    before: number,
    size: number,
  ) => {
    const [from, to] = [first - before, first - before + length];
    return {
      from: Math.max(0, from),
      to: Math.min(size, to),
      zeros: [Math.max(0, -from), Math.max(0, to - size)] as const,
    };
  };
  const y = along(piece.top, piece.height, pads[0], sides[0]);
  const x = along(piece.left, piece.width, pads[2], sides[1]);
  const zeros = [y.zeros[0], x.zeros[0], y.zeros[1], x.zeros[1]];
  const isWhole = y.to - y.from === sides[0] && x.to - x.from === sides[1];
  if (isWhole) return { image, pads: zeros };
  const part = graph.node("Slice", `${place}_part`, [
    image,
    graph.integers(`${place}_starts`, [y.from, x.from]),
    graph.integers(`${place}_ends`, [y.to, x.to]),
    graph.integers(`${place}_axes`, [2, 3]),
  ]);
  return { image: part, pads: zeros };
}

/** A piece's filter and bias, the channels of a pixel `channels` apart. */
function outFirst(
  { shape, rows, columns, filter, bias }: BorderPiece,
  channels: number,
): [tf.Tensor, tf.Tensor] {
  const [height, width, inChannels, outs] = shape as number[];
  return tf.tidy(() => [
    tf.reshape(
      tf.transpose(
        tf.reshape(filter, [
          height!,
          width!,
          inChannels!,
          rows * columns,
          channels,
        ]),
        [4, 3, 2, 0, 1],
      ),
      [outs!, inChannels!, height!, width!],
    ),
    tf.reshape(
      tf.transpose(tf.reshape(bias, [rows * columns, channels])),
      [outs!],
    ),
  ]);
}

/** Values side by side along an axis. */
function joined(
  graph: OnnxGraph,
  name: string,
  values: readonly string[],
  axis: number,
): string {
  return values.length === 1
    ? values[0]!
    : graph.node("Concat", name, values, { axis: { int: axis } });
}

function addTensor(graph: OnnxGraph, name: string, tensor: tf.Tensor): string {
  return graph.constant(name, tensor.dataSync<"float32">(), tensor.shape);
}
