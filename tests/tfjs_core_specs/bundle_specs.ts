import { dirname, join, relative } from "node:path";
import { createRequire } from "node:module";
import * as esbuild from "esbuild";

/** Where TF.js core keeps its modules and, beside them, their specs. */
const CORE = dirname(
  createRequire(import.meta.url).resolve("@tensorflow/tfjs-core"),
);

/**
 * What the specs import of core, out of the one copy that the kernels are
 * registered in. `core` is that copy; core's own modules must not be bundled,
 * for a second copy has other classes and other gradients.
 */
const FROM_CORE: Readonly<Record<string, string>> = {
  "index.js": "core",
  "test_util.js": "core.test_util",
  "environment.js": "core",
  "backends/backend.js": "core",
  "util_base.js": "core.util",
  "io/local_storage.js": "{}", // for specs of tf.io only
  // What jasmine_util.js does to the engine, but reset(): that would dispose
  // the backend and its threads after each file of specs.
  "engine.js": `(() => {
    const engine = core.engine();
    return {
      ENGINE: {
        reset() {},
        setBackend: (name) => engine.setBackend(name),
        isTapeOn: () => engine.isTapeOn(),
        startScope: () => engine.startScope(),
        endScope: () => engine.endScope(),
        disposeVariables: () => engine.disposeVariables(),
      },
    };
  })()`,
};

/** Modules of core that are part of its specs. */
const IS_SPEC = /(_test|[/\\]jasmine_util)\.js$/;

/**
 * Bundles spec files of `@tensorflow/tfjs-core` for `runSpecs`.
 *
 * @param files paths within the package's dist/, such as `ops/conv2d_test.js`
 * @returns the body of a function of `core` (the package), `require` and
 * jasmine's interface that returns `{ jasmineUtil, load }`, where `load[file]()`
 * declares the file's suites
 * @throws Error if a spec imports a module that FROM_CORE lacks
 */
export async function bundleSpecs(files: readonly string[]): Promise<string> {
  const loaders = files.map((file) => {
    const path = JSON.stringify(`./${file}`);
    return `${JSON.stringify(file)}: () => require(${path})`;
  });
  const fromCore: esbuild.Plugin = {
    name: "from-core",
    setup(build) {
      build.onResolve({ filter: /^\./ }, ({ path, resolveDir }) => {
        const found = join(resolveDir, path.replace(/(\.js)?$/, ".js"));
        if (IS_SPEC.test(found)) return { path: found };
        return { path: relative(CORE, found), namespace: "core" };
      });
      build.onLoad({ filter: /.*/, namespace: "core" }, ({ path }) => {
        const value = FROM_CORE[path.replaceAll("\\", "/")];
        if (value !== undefined) {
          return { contents: `module.exports = ${value}` };
        }
        return {
          errors: [{ text: `FROM_CORE must have what specs import: ${path}` }],
        };
      });
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
      plugins: [fromCore],
      write: false,
      logLevel: "silent",
    });
    return `${outputFiles[0]!.text}\nreturn specs;`;
  } finally {
    await esbuild.stop();
  }
}
