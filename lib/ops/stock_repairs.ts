import * as tf from "@tensorflow/tfjs";
import {
  getKernel,
  type KernelConfig,
  type TensorInfo,
  util,
} from "@tensorflow/tfjs-core";
import type { KernelContext, KernelTable } from "../wasm/kernel_context.ts";
import { stockKernel } from "./_stock_kernels.ts";
import { integerValues } from "./_tensors.ts";

type Inputs = Record<string, TensorInfo>;
type Attrs = Record<string, unknown>;

/** Whether TF.js's WASM kernel gets a call wrong. */
type Wrong = (
  inputs: Inputs,
  attrs: Attrs,
  context: KernelContext,
) => boolean;

const tensorsOf = (inputs: Inputs) => Object.values(inputs).filter(Boolean);

const isEmpty = ({ shape }: TensorInfo) => util.sizeFromShape(shape) === 0;

/** It divides by a size, or leaves its output as it found the memory. */
const anyEmpty: Wrong = (inputs) => tensorsOf(inputs).some(isEmpty);

/** XNNPACK makes no images without pixels. */
const noSize: Wrong = (_, { size }) => (size as number[]).includes(0);

/** It takes the bytes of integers for floats, or does nothing at all. */
const notFloat: Wrong = (inputs) =>
  tensorsOf(inputs).some(({ dtype }) => dtype !== "float32");

/** It writes four bytes for each of one. */
const anyBool: Wrong = (inputs) =>
  tensorsOf(inputs).some(({ dtype }) => dtype === "bool");

const always: Wrong = () => true;

const either = (...wrongs: Wrong[]): Wrong => (...call) =>
  wrongs.some((wrong) => wrong(...call));

/** A value that is NaN gets lost in it. */
const anyNaN: Wrong = (inputs, _, context) =>
  tensorsOf(inputs).some((tensor) =>
    tensor.dtype === "float32" &&
    context.view(tensor).some((value) => value !== value)
  );

/** From here on the angle is lost; less than half a turn of float32's steps. */
const LARGEST_ANGLE = 2 ** 12;

const largeAngle: Wrong = ({ x }, _, context) =>
  context.view(x!).some((value) => Math.abs(value) > LARGEST_ANGLE);

/** It traps where an integer is divided by 0. */
const byZero: Wrong = ({ b }, _, context) =>
  b!.dtype === "int32" && integerValues(context, b!).includes(0);

/** Kernels of one tensor whose WASM is for floats. */
// deno-fmt-ignore -- a list of names
const FLOAT_UNARY = [
  "Abs", "Acos", "Acosh", "Asin", "Asinh", "Atan", "Atanh", "Ceil", "Cosh",
  "Elu", "Erf", "Exp", "Expm1", "Floor", "IsFinite", "IsInf", "IsNan",
  "LeakyRelu", "Log", "Neg", "Reciprocal", "Relu", "Round", "Rsqrt", "Selu",
  "Sigmoid", "Sinh", "Softplus", "Sqrt", "Square", "Step", "Tanh",
];

/** Kernels along an axis. */
const ALONG_AXIS = ["ArgMax", "ArgMin", "Cumprod", "Cumsum", "TopK"];

/** Which calls of TF.js's WASM kernels are left to those of its cpu backend. */
const WRONG: Readonly<Record<string, Wrong>> = {
  ...Object.fromEntries(FLOAT_UNARY.map((name) => [name, notFloat])),
  ...Object.fromEntries(ALONG_AXIS.map((name) => [name, anyEmpty])),
  Cos: either(notFloat, largeAngle),
  Sin: either(notFloat, largeAngle),
  Tan: either(notFloat, largeAngle),
  // Loses a number below 6e-8.
  Log1p: always,
  // NaN became 0.
  Relu6: either(notFloat, anyNaN),
  Maximum: anyNaN,
  Minimum: anyNaN,
  // A number below 1.2e-7 was 0.
  Sign: always,
  FloorDiv: byZero,
  Mod: byZero,
  // Takes each image's indices from where the images' number points.
  GatherV2: either(anyEmpty, (_, { batchDims }) => batchDims !== 0),
  // Integers to a negative power, or to one that overflows.
  Pow: notFloat,
  DepthToSpace: notFloat,
  FlipLeftRight: anyBool,
  Reverse: anyBool,
  Select: ({ t }) => t!.dtype === "bool",
  StridedSlice: notFloat,
  Transpose: anyEmpty,
  OneHot: (_, { dtype }) => dtype !== "int32",
  // Looks at other pixels than it takes; boxes of no image stay undefined.
  CropAndResize: always,
  Transform: always,
  // Wrong with "same" pads and strides.
  Conv3DBackpropFilterV2: always,
  Conv3DBackpropInputV2: always,
  // The largest of a window began at the smallest number above 0.
  MaxPool3D: always,
  MaxPool3DGrad: always,
  ResizeBilinear: either(notFloat, anyEmpty, noSize),
  ResizeBilinearGrad: anyEmpty,
  ResizeNearestNeighbor: either(notFloat, anyEmpty, noSize),
  // Reads beyond its fill values from the fifth channel on.
  RotateWithOffset: always,
  SparseFillEmptyRows: anyBool,
};

/** What must hold for the places that a kernel writes to, or reads from. */
const CHECKED: Readonly<
  Record<string, (inputs: Inputs, attrs: Attrs) => Places>
> = {
  GatherNd: ({ params, indices }) => ({
    name: "indices",
    indices: indices!,
    shape: params!.shape,
  }),
  ScatterNd: ({ indices }, { shape }) => ({
    name: "indices",
    indices: indices!,
    shape: shape as number[],
  }),
  SparseToDense: ({ sparseIndices }, { outputShape }) => ({
    name: "sparseIndices",
    indices: sparseIndices!,
    shape: outputShape as number[],
  }),
  TensorScatterUpdate: ({ tensor, indices }) => ({
    name: "indices",
    indices: indices!,
    shape: tensor!.shape,
  }),
};

/** Rows of indices into the first axes of a shape. */
interface Places {
  name: string;
  indices: TensorInfo;
  shape: readonly number[];
}

/** @throws RangeError if an index is not in its axis */
function checkPlaces(
  context: KernelContext,
  kernel: string,
  { name, indices, shape }: Places,
) {
  // Of rank 1 they are one row where they gather, one a row elsewhere.
  const isOneEach = indices.shape.length < 2 && kernel !== "GatherNd";
  const depth = isOneEach ? 1 : indices.shape.at(-1)!;
  integerValues(context, indices).forEach((index, i) => {
    const size = shape[i % depth]!;
    if (index >= 0 && index < size) return;
    throw new RangeError(
      `Cannot compute ${kernel}: ${name} must be from 0 to ${
        size - 1
      } along axis ${i % depth}: got ${index}`,
    );
  });
}

/**
 * TF.js's own kernels without their faults: calls that they get wrong go to
 * the cpu backend's, indices outside of a tensor are refused.
 */
export function repairedKernels(context: KernelContext): KernelTable {
  const table: KernelTable = {};
  for (const [name, wrong] of Object.entries(WRONG)) {
    const [stock, cpu] = [stockKernel(name), cpuKernel(context, name)];
    table[name] = (call) => {
      const { inputs, attrs } = call;
      const cannot = wrong(inputs as Inputs, attrs as Attrs, context);
      return (cannot ? cpu : stock)(call);
    };
  }
  const bilinearGrad = table.ResizeBilinearGrad!;
  // The cpu backend's has its sides swapped.
  table.ResizeBilinearGrad = (call) => ({
    ...bilinearGrad(call) as TensorInfo,
    shape: call.inputs.images!.shape,
  });
  for (const [name, places] of Object.entries(CHECKED)) {
    const stock = stockKernel(name);
    table[name] = (call) => {
      const { inputs, attrs } = call;
      checkPlaces(context, name, places(inputs as Inputs, attrs as Attrs));
      return stock(call);
    };
  }
  return table;
}

/** What is used of TF.js's cpu backend. */
interface CpuBackend {
  /** Whether it still has to advise a package for Node.js, on stderr. */
  firstUse: boolean;
  makeTensorInfo(
    shape: readonly number[],
    dtype: tf.DataType,
    values: ArrayLike<number>,
  ): TensorInfo;
  readSync(dataId: object): ArrayLike<number>;
  disposeData(dataId: object): boolean;
}

const ARRAYS = { float32: Float32Array, int32: Int32Array, bool: Uint8Array };

/**
 * A kernel of TF.js's cpu backend, in JavaScript, on tensors of the WASM heap,
 * which are copied there and back. For what TF.js's WASM kernel gets wrong and
 * is not worth a kernel of its own.
 *
 * @param name one that both backends have
 */
export function cpuKernel(
  context: KernelContext,
  name: string,
): KernelConfig["kernelFunc"] {
  const view = (tensor: TensorInfo) => {
    const array = ARRAYS[tensor.dtype as "float32"];
    const size = tf.util.sizeFromShape(tensor.shape);
    return new array(context.memory.buffer, context.pointer(tensor), size);
  };
  return ({ inputs, attrs }) => {
    const backend = tf.findBackend("cpu") as unknown as CpuBackend;
    backend.firstUse = false;
    const { kernelFunc } = getKernel(name, "cpu")!;
    const made: TensorInfo[] = [];
    try {
      const copies = Object.entries(inputs).map(([key, given]) => {
        if (!given) return [key, given] as const;
        const tensor = given as TensorInfo;
        const { shape, dtype } = tensor;
        const copy = Object.assign(
          backend.makeTensorInfo(shape, dtype, view(tensor).slice()),
          { rank: shape.length }, // some of its kernels expect a tensor's
        );
        made.push(copy);
        return [key, copy] as const;
      });
      const copied = Object.assign(
        Array.isArray(inputs) ? [] : {},
        Object.fromEntries(copies),
      );
      const result = kernelFunc({
        inputs: copied,
        attrs,
        backend: backend as never,
      });
      const outputs = [result].flat() as TensorInfo[];
      for (const output of outputs) made.push(output);
      const tensors = outputs.map(({ dataId, shape, dtype }) => {
        const out = context.output(shape, dtype);
        view(out).set(backend.readSync(dataId));
        return out;
      });
      return Array.isArray(result) ? tensors : tensors[0]!;
    } finally {
      for (const { dataId } of made) backend.disposeData(dataId);
    }
  };
}
