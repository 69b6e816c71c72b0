/**
 * Runs the specs that `@tensorflow/tfjs-core` ships, from its installed
 * package, against our backend: what plain TF.js code expects of the kernels
 * that we put in the place of TF.js's own.
 */
import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs";
import { startBackend } from "../lib/backend/start_backend.ts";
import { bundleSpecs } from "./tfjs_core_specs/bundle_specs.ts";
import { runSpecs } from "./tfjs_core_specs/run_specs.ts";
import { type Skip, SPEC_FILES } from "./tfjs_core_specs/spec_files.ts";

const files = Object.keys(SPEC_FILES);

for (const backendName of ["wasm", "cpu"] as const) {
  // On the cpu backend the runner itself is what is tested.
  const title = backendName === "wasm" ? "our backend" : "the cpu backend";
  Deno.test(`TF.js core's own specs pass on ${title}`, async (t) => {
    const bundle = await bundleSpecs(files);
    using cleanup = new DisposableStack();
    if (backendName === "wasm") {
      const backend = await startBackend({ threads: 2 });
      cleanup.defer(() => backend.stop());
    }
    for (const [file, skips] of Object.entries(SPEC_FILES)) {
      await t.step(file, async () => {
        const applied = backendName === "wasm" ? skips : [];
        const specs = await runSpecs(bundle, file, backendName);
        assert.equal(tf.getBackend(), backendName);
        assert.ok(specs.length > 0, `${file} must have specs: got none`);
        const lines = specs.flatMap((spec) => problemOf(spec, applied));
        const count = `${lines.length} of ${specs.length} specs`;
        assert.ok(lines.length === 0, [count, ...lines].join("\n"));
      });
    }
  });
}

/** One line for a spec that fails, or that is skipped and would pass. */
function problemOf(
  { name, failures }: { name: string; failures: string[] },
  skips: readonly Skip[],
): string[] {
  const skip = skips.find(({ specs }) => specs.test(name));
  if (skip) {
    return failures.length > 0 ? [] : [`${name}: passes, skip no more`];
  }
  return failures.slice(0, 1).map((failure) =>
    `${name}: ${failure.replace(/\s+/g, " ").slice(0, 300)}`
  );
}
