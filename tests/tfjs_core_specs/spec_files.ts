/** Specs that cannot apply: those whose names match, and why. */
export interface Skip {
  readonly specs: RegExp;
  readonly reason: string;
}

const COMPLEX: Skip = {
  specs: /^clone \dD complex64 dtype$/,
  reason: "TF.js's WASM backend has no complex numbers",
};

/**
 * The spec files of TF.js core for the operations that this project's kernels
 * compute, directly or as a gradient, as paths within the package's dist/.
 */
export const SPEC_FILES: Readonly<Record<string, readonly Skip[]>> = {
  "gradients_test.js": [],
  "ops/avg_pool_test.js": [],
  "ops/clone_test.js": [COMPLEX],
  "ops/conv1d_test.js": [],
  "ops/conv2d_separable_test.js": [],
  "ops/conv2d_test.js": [],
  "ops/conv2d_transpose_test.js": [],
  "ops/depthwise_conv2d_test.js": [],
  "ops/fused/fused_conv2d_test.js": [],
  "ops/fused/fused_depthwise_conv2d_test.js": [],
  "ops/fused/fused_mat_mul_test.js": [],
  "ops/mat_mul_test.js": [],
  "ops/max_pool_test.js": [],
  "ops/pool_test.js": [],
  "ops/relu6_test.js": [],
  "ops/relu_test.js": [],
};
