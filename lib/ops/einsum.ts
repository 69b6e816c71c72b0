import {
  backend_util,
  type DataType,
  type NamedAttrMap,
  sumOutType,
  type TensorInfo,
  upcastType,
  util,
} from "@tensorflow/tfjs-core";
import type { KernelContext, KernelTable } from "../wasm/kernel_context.ts";
import { LINEAR } from "../wasm/kernel_params.ts";
import { matMulIntegers } from "./_mat_mul_integers.ts";
import { stockKernel } from "./_stock_kernels.ts";
import { isInteger } from "./_tensors.ts";
import { matMul } from "./mat_mul.ts";

/** A tensor with a label, a letter, for each of its dimensions. */
interface Term {
  tensor: TensorInfo;
  labels: readonly string[];
}

/**
 * Kernel `Einsum`: the sum of products that `attrs.equation` says, of one or
 * two tensors, with an arrow, without an ellipsis, no label twice in a term, as
 * in TF.js. What only one tensor has and the output has not is summed first;
 * the rest is one stack of matrix products
 *
 *     [batch, rows, depth] · [batch, depth, columns]
 *
 * where batch are the labels that all three have, depth those that the output
 * has not. bool counts as int32 in a product; TF.js has no gradient for it.
 */
export function einsumKernels(context: KernelContext): KernelTable {
  return {
    Einsum: ({ inputs, backend, attrs }) => {
      const tensors = Object.values(inputs) as TensorInfo[];
      const { terms, labels } = parse(String(attrs!.equation), tensors);
      using made = new DisposableStack();
      const keep = (tensor: TensorInfo) =>
        made.adopt(tensor, (tensor) => context.dispose(tensor));
      const run = (name: string, x: TensorInfo, attrs: NamedAttrMap) =>
        keep(
          stockKernel(name)({ inputs: { x }, backend, attrs }) as TensorInfo,
        );
      const cast = (tensor: TensorInfo, dtype: DataType) =>
        tensor.dtype === dtype ? tensor : run("Cast", tensor, { dtype });
      /** Sums over the labels that are not among `kept`. */
      const sum = ({ tensor, labels }: Term, kept: readonly string[]): Term => {
        const axis = [...labels.keys()].filter((i) =>
          !kept.includes(labels[i]!)
        );
        if (axis.length === 0) return { tensor, labels };
        return {
          tensor: run("Sum", cast(tensor, sumOutType(tensor.dtype)), {
            axis,
            keepDims: false,
          }),
          labels: labels.filter((label) => kept.includes(label)),
        };
      };
      const transpose = ({ tensor, labels }: Term, to: readonly string[]) => {
        const perm = to.map((label) => labels.indexOf(label));
        if (perm.every((from, i) => from === i)) return tensor;
        return run("Transpose", tensor, { perm });
      };

      if (terms.length === 1) {
        const [term] = terms as [Term];
        return context.share(transpose(sum(term, labels), labels));
      }
      const [first, second] = terms as [Term, Term];
      const a = sum(first, [...second.labels, ...labels]);
      const b = sum(second, [...first.labels, ...labels]);
      const { batch, rows, columns, depth } = groupsOf(a, b, labels);
      const sizes = sizesOf([a, b]);
      const shapeOf = (labels: readonly string[]) =>
        labels.map((label) => sizes.get(label)!);
      const dtype = sumOutType(upcastType(a.tensor.dtype, b.tensor.dtype));
      /** One stack of matrices. */
      const stack = (term: Term, groups: readonly string[][]): TensorInfo => ({
        ...cast(transpose(term, groups.flat()), dtype),
        shape: groups.map((labels) => util.sizeFromShape(shapeOf(labels))),
      });
      const as = stack(a, [batch, rows, depth]);
      const bs = stack(b, [batch, depth, columns]);
      const product = keep(
        isInteger(as)
          ? matMulIntegers(context, as, bs, {})
          : matMul(context, as, bs, {}, { activation: LINEAR }),
      );
      const order = [...batch, ...rows, ...columns];
      const tensor = { ...product, shape: shapeOf(order) };
      return context.share(transpose({ tensor, labels: order }, labels));
    },
  };
}

/** The terms and the output's labels. */
function parse(equation: string, tensors: readonly TensorInfo[]) {
  const numTensors = tensors.length;
  const { allDims, idDims } = backend_util
    .decodeEinsumEquation(equation, numTensors);
  const terms = tensors.map((tensor, i): Term => {
    const labels = idDims[i]!.map((id) => allDims[id]!);
    if (labels.length !== tensor.shape.length) {
      throw new RangeError(
        `Cannot compute einsum ${equation}: tensor ${i} must have rank ${labels.length}: got [${tensor.shape}]`,
      );
    }
    return { tensor, labels };
  });
  backend_util.checkEinsumDimSizes(allDims.length, idDims, tensors as never);
  const labels = [...equation.replace(/\s/g, "").split("->")[1]!];
  if (new Set(labels).size < labels.length) {
    throw new RangeError(
      `Cannot compute einsum ${equation}: the output must have no label twice: got ${
        labels.join("")
      }`,
    );
  }
  return { terms, labels };
}

/** Which dimensions of a product of matrices the labels are. */
function groupsOf(a: Term, b: Term, labels: readonly string[]) {
  const inA = (label: string) => a.labels.includes(label);
  const inB = (label: string) => b.labels.includes(label);
  return {
    batch: labels.filter((label) => inA(label) && inB(label)),
    rows: labels.filter((label) => !inB(label)),
    columns: labels.filter((label) => !inA(label)),
    depth: a.labels.filter((label) => !labels.includes(label)),
  };
}

/** How long the dimension of each label is. */
function sizesOf(terms: readonly Term[]): Map<string, number> {
  return new Map(
    terms.flatMap(({ tensor, labels }) =>
      labels.map((label, i) => [label, tensor.shape[i]!] as const)
    ),
  );
}
