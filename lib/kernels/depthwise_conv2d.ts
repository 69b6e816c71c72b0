import type { TensorInfo } from "@tensorflow/tfjs-core";
import type { KernelContext } from "./kernel_context.ts";
import type { KernelTable } from "./register_kernels.ts";
import {
  applyStockEpilogue,
  checkActivation,
  stockKernel,
} from "./stock_kernels.ts";

/**
 * Kernel `FusedDepthwiseConv2D`, which is TF.js's own where that takes bias
 * and slopes: a bias of `[outChannels]` and no prelu. All others broadcast
 * after its plain depthwise convolution.
 */
export function depthwiseConv2dKernels(context: KernelContext): KernelTable {
  const stock = {
    DepthwiseConv2dNative: stockKernel("DepthwiseConv2dNative"),
    FusedDepthwiseConv2D: stockKernel("FusedDepthwiseConv2D"),
  };
  return {
    FusedDepthwiseConv2D: (args) => {
      const { filter, bias, preluActivationWeights: slopes } = args.inputs;
      const activation = String(args.attrs!.activation ?? "linear");
      const [, , inChannels, multiplier] = filter!.shape;
      const isOfChannels = bias?.shape.length === 1 &&
        bias.shape[0] === inChannels! * multiplier!;
      if (
        args.attrs!.dataFormat !== "NHWC" || // its own error
        (!bias || isOfChannels) && activation !== "prelu"
      ) return stock.FusedDepthwiseConv2D(args);
      const operation = "depthwiseConv2d";
      checkActivation(operation, activation, slopes);
      const sums = stock.DepthwiseConv2dNative(args) as TensorInfo;
      const leakyAlpha = Number(args.attrs!.leakyreluAlpha ?? 0);
      return applyStockEpilogue(context, args.backend, operation, sums, {
        ...{ bias, activation, slopes, leakyAlpha },
      });
    },
  };
}
