import assert from "node:assert/strict";
import { FILES, readFile, withoutComments } from "./project_files.ts";

/** Calls that draw random numbers of their own unless they are given a seed. */
// deno-fmt-ignore -- a list of names
const SEEDED = [
  "randomNormal", "randomUniform", "randomUniformInt", "truncatedNormal",
  "randomGamma", "randomStandardNormal", "multinomial", "dropout",
  "initializers\\.(?:glorot|he|leCun|random|truncated|variance|orthogonal)\\w*",
].join("|");
/** Calls that take no seed. */
const UNSEEDED = "rand|util\\.(?:shuffle|shuffleCombo|randUniform)";
/** Layers whose initial weights are random unless an initializer is given. */
const LAYERS =
  "layers\\.(?:dense|conv\\w*|separableConv\\w*|depthwiseConv\\w*|embedding|lstm\\w*|gru\\w*|simpleRNN\\w*)";

/** The call that begins at `start`, to the closing parenthesis. */
function callAt(source: string, start: number): string {
  let depth = 0;
  for (let i = source.indexOf("(", start); i < source.length; i++) {
    if (source[i] === "(") depth++;
    if (source[i] === ")" && --depth === 0) return source.slice(start, i + 1);
  }
  return source.slice(start);
}

/** Places where a source draws numbers that no seed decides. */
function unseeded(source: string): string[] {
  const code = withoutComments(source);
  const calls = (form: string) =>
    [...code.matchAll(new RegExp(`\\btf\\.(?:${form})\\(`, "g"))]
      .map(({ index }) => callAt(code, index));
  return [
    ...code.match(
      /\bMath\s*\.\s*random\b|\brandomUUID\b|\bgetRandomValues\b/g,
    ) ??
      [],
    ...calls(SEEDED).filter((call) => !/\bseed\b/.test(call)),
    ...calls(UNSEEDED),
    ...calls(LAYERS).filter((call) => !/Initializer\b/.test(call)),
  ];
}

Deno.test("unseeded() sees what no seed decides", () => {
  const bad = [
    "const x = Math.random();",
    "tf.randomNormal([2, 3])",
    "tf.randomUniform([Math.max(1, 2)], 0, 1)",
    "tf.initializers.heNormal({})",
    "tf.layers.dense({ units: 3 })",
    "tf.util.shuffle(order)",
    "tf.dropout(x, 0.5)",
  ];
  for (const source of bad) assert.equal(unseeded(source).length, 1, source);
  const good = [
    "tf.randomNormal([2, 3], 0, 1, 'float32', seed)",
    "tf.initializers.heNormal({ seed: 3 })",
    "tf.layers.dense({ kernelInitializer: zeros })",
    "// Math.random is never used",
    "tf.randomNormalize(x)",
  ];
  for (const source of good) assert.deepEqual(unseeded(source), [], source);
});

Deno.test("no Math.random and no unseeded initializer, outside of the tests", () => {
  for (const path of FILES) {
    if (path.startsWith("tests/")) continue;
    assert.deepEqual(unseeded(readFile(path)), [], path);
  }
});

/** Calls that put each element of an array on the stack. */
function spreading(source: string): string[] {
  const code = withoutComments(source);
  const calls = code.matchAll(
    /\b(?:Math\.(?:max|min)|\w+\.(?:push|unshift))\(/g,
  );
  return [...calls].map(({ index }) => callAt(code, index)).filter((call) => {
    let depth = 0;
    for (let i = 0; i < call.length; i++) {
      if ("([{".includes(call[i]!)) depth++;
      if (")]}".includes(call[i]!)) depth--;
      if (depth === 1 && call.startsWith("...", i)) return true;
    }
    return false;
  });
}

Deno.test("spreading() sees an array that becomes arguments, and no other", () => {
  const bad = [
    "Math.max(...row)",
    "Math.min(0, ...rows.map((row) => Math.max(1, row)))",
    "all.push(...some)",
  ];
  for (const source of bad) assert.equal(spreading(source).length, 1, source);
  const good = [
    "Math.max(a, b)",
    "Math.max([...text].length, 3)",
    "all.push([...some], { ...other }, f(...pair))",
    "// Math.max(...row)",
  ];
  for (const source of good) assert.deepEqual(spreading(source), [], source);
});

Deno.test("no array of any length becomes the arguments of a call", () => {
  for (const path of FILES.filter((path) => !path.startsWith("tests/"))) {
    assert.deepEqual(spreading(readFile(path)), [], path);
  }
});

/**
 * Files of lib that have no test of their name, by the test that runs them, or
 * by the reason why they need none. What begins with _ is tested through the
 * files of its room.
 */
const TESTED_ELSEWHERE: Readonly<Record<string, readonly string[]>> = {
  "a type": ["base/json_value.ts"],
  "numbers that a report states": [
    "reports/3_homework_1/reported.ts",
    "reports/5_cs_587/reported.ts",
  ],
  "tests/e2e/boolean_mlp_test.ts": [
    "train/run_brief_task.ts",
  ],
  "tests/e2e/cifar_svm_test.ts": ["reports/5_cs_587/write_svms.ts"],
  "tests/e2e/data_download_test.ts": ["data/bring_dataset.ts"],
  "tests/e2e/diagonal_detector_test.ts": [
    "reports/4_csi_5138/diagonals/detector_results.ts",
  ],
  "tests/e2e/fashion_alpha_test.ts": [
    "run/start_run.ts",
    "train/run_task.ts",
  ],
  "tests/e2e/fashion_features_test.ts": [
    "reports/1_linearization/feature_results.ts",
  ],
  "tests/e2e/fold_test.ts": [
    "reports/1_linearization/fold_proof.ts",
    "reports/1_linearization/fold_report.ts",
  ],
  "tests/e2e/octmnist_by_hand_test.ts": [
    "reports/3_homework_1/by_hand/run_by_hand.ts",
  ],
  "tests/e2e/runs_test.ts": ["reporting/summary_table.ts"],
  "tests/exports_test.ts": [
    "charts/mod.ts",
    "cli/mod.ts",
    "data/mod.ts",
    "images/mod.ts",
    "losses/mod.ts",
    "models/mod.ts",
    "onnx/mod.ts",
    "ops/mod.ts",
    "optimizers/mod.ts",
    "reporting/mod.ts",
    "run/mod.ts",
    "train/mod.ts",
  ],
  "tests/fuzz_test.ts": [
    "backend/register_kernels.ts",
  ],
  "tests/lib/backend/full_heap_test.ts": ["wasm/heap_block.ts"],
  "tests/lib/backend/start_backend_test.ts": [
    "wasm/pthread_worker.ts",
    "wasm/start_tfjs_module.ts",
  ],
  "tests/lib/base/interruption_test.ts": ["cli/preload.ts"],
  "tests/lib/base/lock_directory_test.ts": ["base/lock_by_beat.ts"],
  "tests/lib/charts/line_chart_svg_test.ts": ["charts/vega_svg.ts"],
  "tests/lib/charts/line_chart_test.ts": ["charts/text_chart.ts"],
  "tests/lib/charts/scatter_chart_test.ts": ["charts/text_cells.ts"],
  "tests/lib/cli/progress_test.ts": ["base/terminal_output.ts"],
  "tests/lib/data/load_dataset_test.ts": ["data/dataset_sources.ts"],
  "tests/lib/losses/softmax_cross_entropy_test.ts": [
    "losses/per_example_loss.ts",
  ],
  "tests/lib/models/layers_test.ts": [
    "models/layer.ts",
  ],
  "tests/lib/ops/failing_kernels_test.ts": ["wasm/kernel_context.ts"],
  "tests/lib/ops/fused_dense_test.ts": ["ops/bias_activation.ts"],
  "tests/lib/optimizers/pytorch_test.ts": [
    "optimizers/adadelta.ts",
    "optimizers/sgd.ts",
  ],
  "tests/lib/reporting/write_report_test.ts": ["charts/figure.ts"],
  "tests/lib/reports/3_homework_1/boolean/boolean_claims_test.ts": [
    "reports/3_homework_1/boolean/boolean_tables.ts",
    "reports/3_homework_1/boolean/check_function.ts",
  ],
  "tests/lib/reports/3_homework_1/by_hand/mlp_epoch_test.ts": [
    "matrices/linear_scores.ts",
    "reports/3_homework_1/by_hand/example_model.ts",
  ],
  "tests/lib/reports/3_homework_1/octmnist_autodiff_results_test.ts": [
    "reports/3_homework_1/octmnist_autodiff_claims.ts",
  ],
  "tests/lib/reports/4_csi_5138/diagonals/figures_test.ts": [
    "reports/4_csi_5138/diagonals/detector_figure.ts",
    "reports/4_csi_5138/diagonals/filter_figure.ts",
  ],
  "tests/lib/reports/4_csi_5138/families/hypotheses_test.ts": [
    "reports/4_csi_5138/families/check_families.ts",
  ],
  "tests/lib/reports/4_csi_5138/families/train_family_test.ts": [
    "reports/4_csi_5138/families/draw_problem.ts",
  ],
  "tests/lib/reports/4_csi_5138/model_families_claims_test.ts": [
    "reports/4_csi_5138/model_families_figures.ts",
  ],
  "tests/lib/reports/5_cs_587/search_svms_test.ts": [
    "reports/5_cs_587/train_svms.ts",
  ],
  "tests/lib/train/durability_test.ts": ["train/train_nets.ts"],
  "tests/lib/wasm/describe_kernels_test.ts": ["wasm/kernel_params.ts"],
  "tests/lib/wasm/thread_pool_test.ts": [
    "wasm/control_block.ts",
    "wasm/kernel_module.ts",
    "wasm/kernel_worker.ts",
  ],
};

Deno.test("each file of lib has a test of its name, or is known to be tested elsewhere", () => {
  const untested = FILES
    .filter((path) => path.startsWith("lib/") && !/\/_[^/]*$/.test(path))
    .filter((path) =>
      !FILES.includes(`tests/${path.replace(/\.ts$/, "_test.ts")}`)
    );
  const known = Object.values(TESTED_ELSEWHERE).flat();
  assert.deepEqual(untested, known.map((path) => `lib/${path}`).sort());
  for (const test of Object.keys(TESTED_ELSEWHERE)) {
    assert.ok(!test.endsWith(".ts") || FILES.includes(test), test);
  }
});

/** Lines of comments that have more than 80 columns. */
function wideComments(source: string): string[] {
  return source.split("\n").filter((line) =>
    [...line].length > 80 && /^\s*(?:\/?\*|\/\/)|\s\/\/ /.test(line)
  );
}

Deno.test("wideComments() sees a long line of a comment, and no other", () => {
  const long = "word ".repeat(16);
  for (const begin of ["// ", " * ", "  /** ", "let x: f32; // "]) {
    assert.equal(wideComments(begin + long).length, 1, begin);
  }
  const good = ["// short", `let x = "${long}";`, ` * ${"x".repeat(77)}`];
  assert.deepEqual(wideComments(good.join("\n")), []);
});

Deno.test("comments of the kernels, which deno lint does not read, have 80 columns", () => {
  for (const path of FILES.filter((path) => path.startsWith("kernels/"))) {
    assert.deepEqual(wideComments(readFile(path)), [], path);
  }
});

Deno.test("no file of the product is named like a test", () => {
  const likeTest = /(?:^|\/)_?(?:test_[^/]*|[^/]*_(?:test|spec))\.ts$/;
  const product = FILES.filter((path) => !path.startsWith("tests/"));
  assert.deepEqual(product.filter((path) => likeTest.test(path)), []);
});
