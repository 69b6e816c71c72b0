import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";

/** Where TF.js core keeps its modules and, beside them, their specs. */
export const CORE = dirname(
  createRequire(import.meta.url).resolve("@tensorflow/tfjs-core"),
);

/** What a module exports, read from the plain lines that tsc writes. */
interface Exports {
  /** Names that it declares itself. */
  declared: string[];
  /** Names that it passes on, with the module that they come from, if given. */
  listed: { name: string; from?: string }[];
  /** Modules of which it passes on all names. */
  stars: string[];
  /** Its names for whole modules. */
  namespaces: Map<string, string>;
}

/**
 * All spec files that the package ships.
 *
 * @returns paths within CORE, such as `ops/conv2d_test.js`, sorted
 */
export function specFiles(folder = ""): string[] {
  return [...Deno.readDirSync(join(CORE, folder))].flatMap((entry) => {
    const path = `${folder}${entry.name}`;
    if (entry.isDirectory) return specFiles(`${path}/`);
    return path.endsWith("_test.js") ? [path] : [];
  }).sort();
}

/** The path within CORE of what a module in `folder` imports as `from`. */
export function resolveModule(folder: string, from: string): string {
  const path = relative(CORE, join(folder, from.replace(/\.js$/, "")));
  return `${path.replaceAll("\\", "/") || "index"}.js`;
}

/**
 * Where the package's index has what its modules export: `core.util.sum` for
 * `util_base.js:sum`.
 */
export function publicPlaces(
  module = "index.js",
  place = "core",
  places = new Map<string, string>(),
): Map<string, string> {
  const { declared, listed, stars, namespaces } = exportsOf(module);
  const put = (from: string, name: string) => {
    const key = `${from}:${name}`;
    if (!places.has(key)) places.set(key, `${place}.${name}`);
  };
  for (const name of declared) put(module, name);
  for (const { name, from } of listed) {
    const whole = namespaces.get(name);
    if (whole) publicPlaces(whole, `${place}.${name}`, places);
    else put(from ?? module, name);
  }
  for (const from of stars) publicPlaces(from, place, places);
  return places;
}

/**
 * A module of core as one, imported from CORE itself, that passes on what
 * `places` has and the rest from `source:PATH`, its own source.
 */
export function standIn(
  module: string,
  places: ReadonlyMap<string, string>,
): string {
  const { declared, listed, stars } = exportsOf(module);
  const line = (from: string, name: string) => {
    const place = places.get(`${from}:${name}`);
    if (place) return `export const ${name} = ${place};`;
    return `export { ${name} } from "source:${module}";`;
  };
  return [
    ...declared.map((name) => line(module, name)),
    ...listed.map(({ name, from }) => line(from ?? module, name)),
    ...stars.map((from) => `export * from "./${from}";`),
  ].join("\n");
}

/** Reads a module of core; the package renames nothing that it exports. */
function exportsOf(module: string): Exports {
  const path = join(CORE, module);
  const text = Deno.readTextFileSync(path);
  const resolve = (from: string) => resolveModule(dirname(path), from);
  const all = <T>(pattern: RegExp, use: (a: string, b?: string) => T) =>
    Array.from(text.matchAll(pattern), ([, a, b]) => use(a!, b));
  return {
    declared: all(
      /^export (?:async )?(?:function\*?|class|const|let) (\w+)/gm,
      (name) => name,
    ),
    listed: all(
      /^export \{ (.*) \}(?: from '(.+)')?/gm,
      (names, from) =>
        names.split(", ").map((name) => ({
          name,
          from: from && resolve(from),
        })),
    ).flat(),
    stars: all(/^export \* from '(.+)'/gm, resolve),
    namespaces: new Map(
      all(/^import \* as (\w+) from '(\..+)'/gm, (name, from) => [
        name,
        resolve(from!),
      ]),
    ),
  };
}
