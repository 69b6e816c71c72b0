import type { KernelCases } from "./call.ts";
import { BINARY } from "./kernels/binary.ts";
import { CONVOLUTIONS } from "./kernels/convolutions.ts";
import { FILLINGS } from "./kernels/fillings.ts";
import { FUSED } from "./kernels/fused.ts";
import { IMAGES } from "./kernels/images.ts";
import { LOSSES } from "./kernels/losses.ts";
import { POOLING } from "./kernels/pooling.ts";
import { SPARSE } from "./kernels/sparse.ts";
import { VOLUMES } from "./kernels/volumes.ts";
import { OWN } from "./kernels/own.ts";
import { PRODUCTS } from "./kernels/products.ts";
import { REDUCTIONS } from "./kernels/reductions.ts";
import { SHAPES } from "./kernels/shapes.ts";
import { SLICES } from "./kernels/slices.ts";
import { UNARY } from "./kernels/unary.ts";

/** How each kernel of the backend is fuzzed. */
export const KERNEL_TABLE: KernelCases = {
  ...BINARY,
  ...REDUCTIONS,
  ...SHAPES,
  ...SLICES,
  ...FILLINGS,
  ...UNARY,
  ...PRODUCTS,
  ...OWN,
  ...FUSED,
  ...LOSSES,
  ...VOLUMES,
  ...SPARSE,
  ...POOLING,
  ...IMAGES,
  ...CONVOLUTIONS,
};
