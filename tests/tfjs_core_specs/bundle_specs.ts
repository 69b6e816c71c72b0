import { join } from "node:path";
import * as esbuild from "esbuild";
import { CORE, publicPlaces, resolveModule, standIn } from "./core_modules.ts";

/** Modules of core that are part of its specs. */
const IS_SPEC = /(_test|jasmine_util)\.js$/;

/** Modules that must not be what the package's index has. */
const REPLACED: Readonly<Record<string, string>> = {
  "index.js": "module.exports = core",
  // reset() without its end, which disposes the backend and its threads.
  "engine.js": `
    const engine = core.engine();
    const reset = () => {
      engine.state.dispose();
      engine.ENV.reset();
      engine.state = new engine.state.constructor();
    };
    export const ENGINE = new Proxy(engine, {
      get: (_, name) => {
        if (name === "reset") return reset;
        const value = engine[name];
        return typeof value === "function" ? value.bind(engine) : value;
      },
    });
    export const getOrMakeEngine = () => ENGINE;
    export const add = core.add;`,
};

/**
 * Bundles spec files of `@tensorflow/tfjs-core` for `runSpecs`.
 *
 * What they import of core is that of the one copy that the kernels are
 * registered in, for a second copy has other classes and other gradients. Only
 * what the package does not export is bundled from its modules' sources, whose
 * own imports are treated likewise.
 *
 * @param files paths within the package's dist/, such as `ops/conv2d_test.js`
 * @returns the body of a function of `core` (the package), `require` and
 * jasmine's interface that returns `{ jasmineUtil, load }`, where
 * `load[file]()` declares the file's suites
 */
export async function bundleSpecs(files: readonly string[]): Promise<string> {
  const loaders = files.map((file) => {
    const path = JSON.stringify(`./${file}`);
    return `${JSON.stringify(file)}: () => require(${path})`;
  });
  const places = publicPlaces();
  const oneCore: esbuild.Plugin = {
    name: "one-core",
    setup(build) {
      build.onResolve({ filter: /^source:/ }, ({ path }) => ({
        path: join(CORE, path.slice("source:".length)),
      }));
      build.onResolve({ filter: /^\./ }, ({ path, resolveDir }) => {
        if (!resolveDir.startsWith(CORE)) return undefined;
        const module = resolveModule(resolveDir, path);
        if (IS_SPEC.test(module)) return { path: join(CORE, module) };
        return { path: module, namespace: "core" };
      });
      build.onLoad({ filter: /.*/, namespace: "core" }, ({ path }) => ({
        contents: REPLACED[path] ?? standIn(path, places),
        resolveDir: CORE,
      }));
    },
  };
  try {
    const { outputFiles } = await esbuild.build({
      stdin: {
        contents: `module.exports = {
          jasmineUtil: require("./jasmine_util"),
          load: { ${loaders.join()} },
        }`,
        resolveDir: CORE,
      },
      bundle: true,
      format: "iife",
      globalName: "specs",
      platform: "node",
      external: ["jasmine-core/*", "worker_threads"],
      // core's package.json calls its specs free of side effects
      ignoreAnnotations: true,
      plugins: [oneCore],
      write: false,
      logLevel: "silent",
    });
    return `${outputFiles[0]!.text}\nreturn specs;`;
  } finally {
    await esbuild.stop();
  }
}
