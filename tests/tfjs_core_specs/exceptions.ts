/** Specs that cannot pass, and why. */
export interface Exception {
  readonly reason: string;
  /** By spec file: all specs whose names match. */
  readonly specs: Readonly<Record<string, RegExp>>;
}

const ALL = /^/;

/** Specs that cannot pass on any backend of this runner. */
export const RUNNER_EXCEPTIONS: readonly Exception[] = [{
  reason: "they want a registry without a backend: the one that runs stays",
  specs: {
    "engine_test.js":
      /^Backend registration (custom|high priority .* fails|low priority and high)/,
  },
}];

/** Specs that cannot pass on our backend. */
export const EXCEPTIONS: readonly Exception[] = [{
  reason: "TF.js's WASM backend has no complex numbers",
  specs: {
    "io/io_utils_test.js": /^encodeWeights Complex64|Mixed dtype tensors$/,
    "ops/abs_test.js": /complex64/,
    "ops/add_test.js": /complex number|upcasts when dtypes dont match$/,
    "ops/arithmetic_test.js": /complex number/,
    "ops/clone_test.js": /complex64/,
    "ops/complex_ops_test.js": /tf\.(complex|real|imag)$/,
    "ops/concat_test.js": /complex input/,
    "ops/ifft_test.js": ALL,
    "ops/ones_like_test.js": /complex/,
    "ops/signal/stft_test.js": ALL,
    "ops/spectral/fft_test.js": ALL,
    "ops/spectral/irfft_test.js": ALL,
    "ops/spectral/rfft_test.js": ALL,
    "ops/sub_test.js": /complex number|upcasts when dtypes dont match$/,
    "ops/transpose_test.js": /complex64/,
    "tensor_test.js": /complex64|complex type|with a complex tensor/,
    "util_test.js": /complex tensor tensor to nested array$/,
  },
}, {
  reason: "TF.js's WASM backend has no kernels for strings but a few",
  specs: {
    "ops/equal_test.js": /string comparison/,
    "ops/fill_test.js": /fill string$/,
    "ops/greater_equal_test.js": /string comparison/,
    "ops/greater_test.js": /string comparison/,
    "ops/less_equal_test.js": /string comparison/,
    "ops/less_test.js": /string comparison/,
    "ops/not_equal_test.js": /string comparison/,
    "ops/sparse_to_dense_test.js": /for string$/,
    "ops/squeeze_test.js": /default|specific|all ones|only ones/, // of strings
    "ops/string/static_regex_replace_test.js": ALL,
    "ops/tile_test.js": /string tensor$/,
    "tensor_test.js": /[12]d long string tensor verbose$/,
  },
}, {
  reason: "TF.js's WASM backend has no ragged tensors",
  specs: {
    "ops/ragged_gather_test.js": ALL,
    "ops/ragged_range_test.js": ALL,
    "ops/ragged_tensor_to_tensor_test.js": ALL,
  },
}];

/** Spec files that declare no spec here, and why. */
export const WITHOUT_SPECS: Readonly<Record<string, string>> = {
  "io/browser_files_test.js": "for browsers only",
  "io/indexed_db_test.js": "for browsers only",
  "io/local_storage_test.js": "for browsers only",
  "io/model_management_test.js": "for Chrome only",
  "io/passthrough_test.js": "for browsers only",
  "io/router_registry_test.js": "for browsers only",
  "io/weights_loader_test.js": "for browsers only",
  "ops/draw_test.js": "for browsers only",
  "ops/identity_pool_test.js": "a part of other spec files",
  "ops/image/rotate_with_offset_test.js": "for browsers only",
  "platforms/platform_browser_test.js": "for browsers only",
};
