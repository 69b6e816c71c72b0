import { createRequire } from "node:module";
import * as core from "@tensorflow/tfjs-core";
import jasmineRequire from "jasmine-core/lib/jasmine-core/jasmine.js";

/** A spec that ran. */
export interface SpecResult {
  /** Its suites' names and its own, without the test environment's. */
  name: string;
  /** What it expected in vain; empty if it passed. */
  failures: string[];
}

/** What jasmine reports of a spec. */
interface JasmineResult {
  fullName: string;
  failedExpectations: { message: string }[];
}

/** The test environment's name, which TF.js puts behind the outermost suite's. */
const ENVIRONMENT = "of-this-run";

/**
 * Runs one file of the bundle on a backend that is registered already.
 *
 * @param bundle from `bundleSpecs`
 * @param file one of its files
 * @param backendName such as `wasm`
 * @returns all specs of the file, and one more where a suite as a whole failed
 */
export async function runSpecs(
  bundle: string,
  file: string,
  backendName: string,
): Promise<SpecResult[]> {
  // An environment of jasmine executes once, so each file has its own.
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
  load[file]();

  const results: SpecResult[] = [];
  const messages = ({ failedExpectations }: JasmineResult) =>
    failedExpectations.map(({ message }) => message);
  const suiteFailures: string[] = [];
  const keepFailures = (result: JasmineResult) =>
    void suiteFailures.push(...messages(result));
  env.configure({ random: false });
  env.addReporter({
    specDone(result: JasmineResult) {
      const name = result.fullName.replace(` ${ENVIRONMENT} {}`, "");
      results.push({ name, failures: messages(result) });
    },
    suiteDone: keepFailures,
    jasmineDone: keepFailures,
  });
  await env.execute();
  if (suiteFailures.length > 0) {
    results.push({ name: `${file} as a whole`, failures: suiteFailures });
  }
  return results;
}
