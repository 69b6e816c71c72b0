import * as tf from "@tensorflow/tfjs";

type Shape = [number, number, number, number];

/** A convolution or pooling; `pad` as TF.js takes it. */
export interface Windows {
  inputShape: Shape;
  filterShape: Shape;
  strides: [number, number];
  dilations?: [number, number];
  pad: "same" | "valid" | number | tf.backend_util.ExplicitPadding;
  dimRoundingMode?: "floor" | "round" | "ceil";
}

/**
 * Where the windows lie, by TF.js's own arithmetic. It computes the width by
 * the height's numbers where the padding is a number, but not where the same
 * padding is given for each side, so that is how it is asked.
 */
export function windowGeometry(
  c: Windows,
  depthwise = false,
): tf.backend_util.Conv2DInfo {
  const side: [number, number] = [Number(c.pad), Number(c.pad)];
  const info = tf.backend_util.computeConv2DInfo(
    c.inputShape,
    c.filterShape,
    c.strides,
    c.dilations ?? [1, 1],
    typeof c.pad === "number" ? [[0, 0], side, side, [0, 0]] : c.pad,
    c.dimRoundingMode,
    depthwise,
  );
  const { outHeight, outWidth, outShape } = info;
  return {
    ...info,
    outHeight: outHeight + 0, // −0 is 0
    outWidth: outWidth + 0,
    outShape: outShape.map((size) => size + 0) as Shape,
  };
}

/** Whether there is an output, with or without elements. */
export function hasOutput(c: Windows): boolean {
  const { outHeight, outWidth } = windowGeometry(c);
  return outHeight >= 0 && outWidth >= 0;
}
