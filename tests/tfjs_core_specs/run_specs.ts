import { createRequire } from "node:module";
import * as core from "@tensorflow/tfjs-core";
import jasmineRequire from "jasmine-core/lib/jasmine-core/jasmine.js";
import { createRandom } from "../../lib/base/random.ts";

/** A spec that ran. */
export interface SpecResult {
  /** Its suites' names and its own, without the test environment's. */
  name: string;
  /** What it expected in vain; empty if it passed. */
  failures: string[];
}

/** What jasmine reports of a spec or a suite. */
interface JasmineResult {
  fullName: string;
  failedExpectations: { message: string }[];
}

/** Name of the test environment; TF.js appends it to the outermost suite's. */
const ENVIRONMENT = "of-this-run";

/** Our own spec before those of each file. */
const START = "starts";

/**
 * Runs files of the bundle, one after another, on a backend that is registered
 * already.
 *
 * @param bundle from `bundleSpecs`
 * @param files some of its files
 * @param backendName such as `wasm`
 * @returns by file, all its specs, and one more where a suite as a whole failed
 */
export async function runSpecs(
  bundle: string,
  files: readonly string[],
  backendName: string,
): Promise<Map<string, SpecResult[]>> {
  // An environment of jasmine executes once, so each run has its own.
  const jasmine = jasmineRequire.core(jasmineRequire);
  const env = jasmine.getEnv({ suppressLoadErrors: true });
  const parameters = {
    ...jasmineRequire.interface(jasmine, env), // describe, it, expect, …
    core,
    require: createRequire(import.meta.url),
  };
  const evaluate = new Function(...Object.keys(parameters), bundle);
  const { jasmineUtil, load } = evaluate(...Object.values(parameters));
  jasmineUtil.setTestEnvs([
    { name: ENVIRONMENT, backendName, isDataSync: true },
  ]);
  const { random } = Math;
  for (const file of files) {
    env.describe(file, () => {
      // A suite must have a spec; this one is the file's first to run.
      env.it(START, async () => {
        // The file before may have left no backend.
        if (!await core.setBackend(backendName)) throw new Error(backendName);
        // Some specs draw numbers and look at their distribution.
        const seeded = createRandom(1);
        Math.random = () => seeded.uniform();
      });
      load[file]();
    });
  }

  const results = new Map<string, SpecResult[]>(
    files.map((file) => [file, []]),
  );
  const keep = ({ fullName, failedExpectations }: JasmineResult) => {
    const [file] = fullName.split(" ", 1) as [string];
    const name = fullName.slice(file.length + 1)
      .replace(` ${ENVIRONMENT} {}`, "");
    const failures = failedExpectations.map(({ message }) => message);
    if (name === START && failures.length === 0) return;
    results.get(file)!.push({ name, failures });
  };
  env.configure({ random: false });
  env.addReporter({
    specDone: keep,
    suiteDone: (result: JasmineResult) => {
      if (result.failedExpectations.length > 0) keep(result);
    },
  });
  try {
    await env.execute();
  } finally {
    Math.random = random;
  }
  return results;
}
