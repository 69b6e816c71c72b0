import type {
  KernelConfig,
  KernelFunc,
  NamedAttrMap,
  TensorInfo,
} from "@tensorflow/tfjs-core";
import type { KernelContext } from "../wasm/kernel_context.ts";
import { stockKernel } from "./_stock_kernels.ts";
import { checkOperand } from "./_tensors.ts";

const TO_NHWC = [0, 2, 3, 1];
const TO_NCHW = [0, 3, 1, 2];

/** The attributes of a convolution that depend on the order of its axes. */
interface Attrs {
  dataFormat?: string;
  pad?: unknown;
  inputShape?: readonly number[];
}

/**
 * Lets a kernel for NHWC take NCHW, by transposing its images on their way in
 * and out.
 *
 * @param images the names of its inputs that are images
 * @param returnsImage whether its result is one
 * @throws RangeError if the data format is neither
 */
export function withNchw(
  context: KernelContext,
  images: readonly string[],
  kernel: KernelFunc,
  returnsImage = true,
): KernelConfig["kernelFunc"] {
  return (args) => {
    const attrs = (args.attrs ?? {}) as Attrs;
    const { dataFormat = "NHWC" } = attrs;
    if (dataFormat === "NHWC") return kernel(args);
    if (dataFormat !== "NCHW") {
      throw new RangeError(
        `Cannot compute a convolution: dataFormat must be NHWC or NCHW: got ${dataFormat}`,
      );
    }
    const transpose = (x: TensorInfo, perm: number[]) =>
      stockKernel("Transpose")({
        inputs: { x },
        backend: args.backend,
        attrs: { perm },
      }) as TensorInfo;
    for (const name of images) {
      checkOperand("a convolution", name, args.inputs[name]!, [-1, -1, -1, -1]);
    }
    const copies: TensorInfo[] = [];
    const inputs = { ...args.inputs };
    try {
      for (const [name, tensor] of Object.entries(inputs)) {
        // A bias or slopes of rank 1 are the channels', in either format.
        const turns = images.includes(name) || EPILOGUE.includes(name) &&
            tensor && tensor.shape.length > 1;
        if (!turns) continue;
        inputs[name] = transpose(asRank4(tensor!), TO_NHWC);
        copies.push(inputs[name]);
      }
      const result = kernel({
        ...args,
        inputs,
        attrs: nhwcAttrs(attrs) as NamedAttrMap,
      }) as TensorInfo;
      if (!returnsImage) return result;
      copies.push(result);
      return transpose(result, TO_NCHW);
    } finally {
      copies.forEach(context.dispose);
    }
  };
}

/** The inputs that broadcast to the result. */
const EPILOGUE = ["bias", "preluActivationWeights"];

/** The same data with ones in front. */
function asRank4({ dataId, shape, dtype }: TensorInfo): TensorInfo {
  const ones = Array.from({ length: 4 - shape.length }, () => 1);
  return { dataId, dtype, shape: [...ones, ...shape] };
}

function nhwcAttrs(attrs: Attrs): Attrs {
  const { pad, inputShape } = attrs;
  return {
    ...attrs,
    dataFormat: "NHWC",
    pad: Array.isArray(pad) ? TO_NHWC.map((axis) => pad[axis]) : pad,
    ...inputShape && { inputShape: TO_NHWC.map((axis) => inputShape[axis]!) },
  };
}
