import * as tf from "@tensorflow/tfjs";
import type { TensorInfo } from "@tensorflow/tfjs-core";
import { checkOperand, type Shape4D } from "./conv2d_geometry.ts";
import { conv2dInfo, type WindowAttrs } from "./conv2d_info.ts";
import {
  depthwiseGeometry,
  rowsOfChunk,
} from "./depthwise_conv2d_partition.ts";
import type { KernelContext, KernelTable } from "../wasm/kernel_context.ts";
import { withNchw } from "./nchw.ts";
import { sumPartials } from "./sum_partials.ts";

/**
 * Kernels `DepthwiseConv2dNativeBackpropInput` (dy, filter → dx) and
 * `DepthwiseConv2dNativeBackpropFilter` (x, dy → dFilter), which TF.js's wasm
 * backend lacks, for NHWC and every stride, padding, dilation and multiplier.
 */
export function depthwiseConv2dGradKernels(
  context: KernelContext,
): KernelTable {
  return {
    DepthwiseConv2dNativeBackpropInput: withNchw(context, ["dy"], (args) => {
      const { inputs, attrs } = args;
      const { dy, filter } = inputs as Record<string, TensorInfo>;
      const options = attrs as unknown as WindowAttrs & { inputShape: Shape4D };
      const name = "depthwiseConv2d's input gradient";
      const inShape = options.inputShape;
      checkOperand(name, "filter", filter!, [-1, -1, inShape[3], -1]);
      const info = conv2dInfo(name, inShape, filter!.shape, options, true);
      checkOperand(name, "dy", dy!, info.outShape);
      const dx = context.output(inShape);
      const rows = info.batchSize * info.inHeight;
      const chunkRows = rowsOfChunk(rows, info);
      const chunks = Math.ceil(rows / chunkRows);
      context.pool.run("depthwiseConv2dInputGradF32", chunks, {
        dy: context.pointer(dy!),
        other: context.pointer(filter!),
        out: context.pointer(dx),
        ...depthwiseGeometry(info),
        rows,
        chunkRows,
      });
      return dx;
    }),
    DepthwiseConv2dNativeBackpropFilter: withNchw(
      context,
      ["x", "dy"],
      (args) => {
        const { inputs, attrs } = args;
        const { x, dy } = inputs as Record<string, TensorInfo>;
        const options = attrs as unknown as WindowAttrs & {
          filterShape: Shape4D;
        };
        const name = "depthwiseConv2d's filter gradient";
        const { filterShape } = options;
        checkOperand(name, "x", x!, [-1, -1, -1, filterShape[2]]);
        const info = conv2dInfo(name, x!.shape, filterShape, options, true);
        checkOperand(name, "dy", dy!, info.outShape);
        const dFilter = context.output(filterShape);
        const size = tf.util.sizeFromShape(filterShape);
        const rows = info.batchSize * info.outHeight;
        const chunkRows = rowsOfChunk(rows, info);
        // One at least: dFilter of no row is 0.
        const chunks = Math.max(1, Math.ceil(rows / chunkRows));
        const out = context.pointer(dFilter);
        const partials = chunks > 1 ? context.scratch(chunks * size * 4) : out;
        context.pool.run("depthwiseConv2dFilterGradF32", chunks, {
          dy: context.pointer(dy!),
          other: context.pointer(x!),
          out: partials,
          ...depthwiseGeometry(info),
          rows,
          chunkRows,
        });
        if (chunks > 1) sumPartials(context, partials, out, chunks, size);
        return dFilter;
      },
      false,
    ),
  };
}
