/**
 * Runs all specs that `@tensorflow/tfjs-core` ships, from its installed
 * package, against our backend: what plain TF.js code expects of the kernels,
 * ours and TF.js's own.
 */
import assert from "node:assert/strict";
import "@tensorflow/tfjs"; // registers the cpu backend
import { startBackend } from "../lib/backend/start_backend.ts";
import { bundleSpecs } from "./tfjs_core_specs/bundle_specs.ts";
import { specFiles } from "./tfjs_core_specs/core_modules.ts";
import {
  type Exception,
  EXCEPTIONS,
  RUNNER_EXCEPTIONS,
  WITHOUT_SPECS,
} from "./tfjs_core_specs/exceptions.ts";
import { runSpecs, type SpecResult } from "./tfjs_core_specs/run_specs.ts";

for (const backendName of ["wasm", "cpu"] as const) {
  // On the cpu backend the runner itself is what is tested.
  const title = backendName === "wasm" ? "our backend" : "the cpu backend";
  Deno.test(`TF.js core's own specs pass on ${title}`, async () => {
    const files = specFiles();
    const bundle = await bundleSpecs(files);
    using cleanup = new DisposableStack();
    if (backendName === "wasm") {
      const backend = await startBackend({ threads: 2 });
      cleanup.defer(() => backend.stop());
    }
    const exceptions = backendName === "wasm"
      ? [...RUNNER_EXCEPTIONS, ...EXCEPTIONS]
      : RUNNER_EXCEPTIONS;
    const missing = [...Object.keys(WITHOUT_SPECS), ...namedFiles(exceptions)]
      .filter((file) => !files.includes(file));
    const problems = missing.map((file) => `${file}: the package has no such`);
    const results = await runSpecs(bundle, files, backendName);
    for (const [file, specs] of results) {
      const found = problemsOf(file, specs, exceptions);
      problems.push(...found.map((problem) => `${file}: ${problem}`));
    }
    const specs = [...results.values()].flat();
    const passed = specs.filter(({ failures }) => failures.length === 0);
    const count = `${passed.length} of ${specs.length} specs pass`;
    assert.ok(problems.length === 0, [count, ...problems].join("\n"));
  });
}

function namedFiles(exceptions: readonly Exception[]): string[] {
  return exceptions.flatMap(({ specs }) => Object.keys(specs));
}

/** What is not as it should be: also exceptions that are none (any more). */
function problemsOf(
  file: string,
  specs: readonly SpecResult[],
  exceptions: readonly Exception[],
): string[] {
  if ((specs.length === 0) !== (file in WITHOUT_SPECS)) {
    return [`has ${specs.length} specs`];
  }
  const patterns = exceptions.flatMap(({ specs }) => specs[file] ?? []);
  const unused = patterns.filter((pattern) =>
    !specs.some(({ name }) => pattern.test(name))
  );
  return [
    ...unused.map((pattern) => `no spec is ${pattern}`),
    ...specs.flatMap(({ name, failures: [failure] }) => {
      if (patterns.some((pattern) => pattern.test(name))) {
        return failure ? [] : [`${name}: passes, no exception any more`];
      }
      return failure
        ? [`${name}: ${failure.replace(/\s+/g, " ").slice(0, 300)}`]
        : [];
    }),
  ];
}
