import assert from "node:assert/strict";

const ROOT = new URL("..", import.meta.url);

/** Whose files may import whose; all may import packages. */
const ARROWS: Record<string, readonly string[]> = {
  kernels: ["kernels"],
  lib: ["lib", "kernels"],
  "mod.ts": ["lib"],
  scripts: ["lib", "mod.ts"],
  tests: ["tests", "bench", "lib", "kernels", "mod.ts"],
  bench: ["bench", "lib", "kernels", "mod.ts"],
};

/** Paths of the project's TypeScript files. */
function listFiles(directory: string): string[] {
  const files: string[] = [];
  for (
    const { name, isDirectory } of Deno.readDirSync(new URL(directory, ROOT))
  ) {
    if (isDirectory) files.push(...listFiles(`${directory}${name}/`));
    else if (name.endsWith(".ts")) files.push(`${directory}${name}`);
  }
  return files.sort();
}

const read = (path: string) => Deno.readTextFileSync(new URL(path, ROOT));

const PARTS = ["scripts", "lib", "kernels", "tests", "bench"];
const FILES = [...PARTS.flatMap((part) => listFiles(`${part}/`)), "mod.ts"];

/** A file without its comments: examples in them import "alphalab". */
function withoutComments(source: string): string {
  return source.replace(/^\s*(\/\*[^]*?\*\/|\/\/.*$)/gm, "");
}

/** What a source imports, also types, also dynamically. */
function importsOf(source: string): string[] {
  const names = /(?:[\w$]+\s*,\s*)?(?:\*(?:\s+as\s+[\w$]+)?|\{[^}]*\}|[\w$]+)/;
  const form = new RegExp(
    `(?:^|[;}])\\s*(?:import|export)\\s*(?:(?:type\\s+)?${names.source}\\s*from)?\\s*["']([^"'\\n]+)["']` +
      `|\\bimport\\(\\s*["'\`]([^"'\`]+)["'\`]`,
    "gm",
  );
  return [...withoutComments(source).matchAll(form)]
    .map(([, statically, dynamically]) => statically ?? dynamically!);
}

/** The part of the project that an import leads to; none for a package. */
function partOf(specifier: string, importer: string): string | undefined {
  if (specifier === "alphalab") return "mod.ts";
  if (!specifier.startsWith(".")) return undefined;
  const { href } = new URL(specifier, new URL(importer, ROOT));
  assert.ok(href.startsWith(ROOT.href), `${importer} leaves the project`);
  return href.slice(ROOT.href.length).split("/")[0]!;
}

function wrongArrows(files: Iterable<readonly [path: string, source: string]>) {
  const wrong: string[] = [];
  for (const [path, source] of files) {
    const from = path.split("/")[0]!;
    for (const specifier of importsOf(source)) {
      const to = partOf(specifier, path);
      if (to && !ARROWS[from]!.includes(to)) wrong.push(`${path} → ${to}`);
    }
  }
  return wrong;
}

/**
 * The floors of lib, from the ground up: a room may import its own files and
 * those of the floors below it.
 */
const FLOORS = [
  ["base"],
  ["charts", "matrices", "wasm"],
  ["data", "images", "losses", "ops"],
  ["cli", "models", "optimizers"],
  ["backend", "jobs"],
  ["run"],
  ["reporting", "train"],
  ["onnx"],
  ["reports"],
];

/** Which of the project's files a file imports, also as a worker or by URL. */
function targetsOf([path, source]: readonly [string, string]): string[] {
  const urls = [
    ...withoutComments(source).matchAll(
      /new URL\(\s*"(\.[^"]+\.ts)",\s*import\.meta\.url/g,
    ),
  ].map(([, specifier]) => specifier!);
  return [...importsOf(source), ...urls]
    .filter((specifier) => specifier.startsWith("."))
    .map((specifier) =>
      new URL(specifier, new URL(path, ROOT)).href.slice(ROOT.href.length)
    );
}

/** Where an import leads out of its room to no lower floor. */
function wrongSteps(files: readonly (readonly [string, string])[]): string[] {
  const floorOf = (room: string) =>
    FLOORS.findIndex((rooms) => rooms.includes(room));
  return files.flatMap((file) => {
    const [, from, ...rest] = file[0].split("/");
    if (floorOf(from!) < 0) return [`${file[0]}: lib/${from} is no room`];
    return targetsOf(file).filter((target) => {
      const [part, to, report] = target.split("/");
      if (part !== "lib") return false;
      return from === to
        ? from === "reports" && rest[0] !== report
        : floorOf(to!) >= floorOf(from!);
    }).map((target) => `${file[0]} → ${target}`);
  });
}

/** The files that import each other in a circle. */
function circles(files: readonly (readonly [string, string])[]): string[][] {
  const targets = new Map(files.map((file) => [file[0], targetsOf(file)]));
  const reachable = (from: string) => {
    const found = new Set<string>();
    const queue = [from];
    for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
      for (const target of targets.get(path) ?? []) {
        if (found.has(target)) continue;
        found.add(target);
        queue.push(target);
      }
    }
    return found;
  };
  const from = new Map([...targets.keys()].map((p) => [p, reachable(p)]));
  const inCircle = [...from].filter(([path, found]) => found.has(path));
  const groups = Map.groupBy(
    inCircle,
    ([path, found]) =>
      [...found].filter((other) => from.get(other)?.has(path)).sort().join(),
  );
  return [...groups.values()].map((group) => group.map(([path]) => path));
}

Deno.test("importsOf() finds each form of an import and no example", () => {
  const source = `
    /**
     * import { a } from "in-a-comment";
     */
    // import "in-a-line";
    import "./effect.ts";
    import type { A } from './type.ts';
    import def, {
      a,
      b as c,
    } from "./lines.ts";
    export * from "./all.ts"; export { x } from "./some.ts";
    export const text = "no import"; export default "nor this";
    export type Level = "relaxed" | "simd128";
    const lazy = await import("./lazy.ts"), other = import(\`./other.ts\`);
    const message = 'from "here"';
  `;
  assert.deepEqual(importsOf(source), [
    ...["./effect.ts", "./type.ts", "./lines.ts", "./all.ts", "./some.ts"],
    ...["./lazy.ts", "./other.ts"],
  ]);
});

Deno.test("wrongArrows() sees an arrow that points back", () => {
  const dynamically = "await import"; // apart: this file is searched too
  const wrong: [string, string][] = [
    ["lib/a/b.ts", 'import "../../scripts/run.ts";'],
    ["lib/a/b.ts", 'import { a } from "../../tests/helper.ts";'],
    ["lib/a/b.ts", 'export * from "../../bench/paired.ts";'],
    ["lib/a/b.ts", 'import { startBackend } from "alphalab";'],
    ["kernels/a.ts", 'import { F32 } from "../lib/a";'],
    ["scripts/a.ts", 'import "../kernels/mod.ts";'],
    ["scripts/a.ts", 'import "./b.ts";'],
    ["tests/a_test.ts", `${dynamically}("../scripts/a.ts");`],
    ["bench/a.ts", 'import "../scripts/a.ts";'],
    ["mod.ts", 'export * from "./scripts/a.ts";'],
  ];
  assert.equal(wrongArrows(wrong).length, wrong.length);
});

Deno.test("imports run scripts → lib → kernels; tests and bench import no script", () => {
  const sources = FILES.map((path) => [path, read(path)] as const);
  assert.deepEqual(wrongArrows(sources), []);
  // That it looked at something.
  const imports = sources.flatMap(([path, source]) =>
    importsOf(source).map((specifier) => partOf(specifier, path))
  );
  for (const part of ["lib", "kernels", "tests", "mod.ts"]) {
    assert.ok(imports.includes(part), `none imports ${part}`);
  }
});

/** Names a library is loaded by: their text in deno.json, and node's own. */
Deno.test("packages are imported by the names of deno.json", () => {
  const names = Object.keys(config().imports);
  const known = (specifier: string) =>
    /^(\.|node:)/.test(specifier) ||
    names.some((name) =>
      name === specifier || name.endsWith("/") && specifier.startsWith(name)
    );
  for (const path of FILES) {
    for (const specifier of importsOf(read(path))) {
      assert.ok(known(specifier), `${path} imports ${specifier}`);
    }
  }
});

Deno.test("wrongSteps() sees a step up, a step aside, and one to another report", () => {
  const steps = (path: string, ...specifiers: string[]) =>
    wrongSteps([[
      path,
      specifiers.map((name) => `import "${name}";`).join("\n"),
    ]]);
  const good = ["./b.ts", "../base/c.ts", "../../kernels/d.ts", "npm:e"];
  assert.deepEqual(steps("lib/data/a.ts", ...good), []);
  assert.deepEqual(steps("lib/data/a.ts", "../run/b.ts", "../ops/c.ts"), [
    "lib/data/a.ts → lib/run/b.ts",
    "lib/data/a.ts → lib/ops/c.ts",
  ]);
  const report = "lib/reports/1_a/a.ts";
  assert.deepEqual(steps(report, "./b.ts", "../../run/c.ts"), []);
  assert.deepEqual(steps(report, "../2_b/b.ts"), [
    `${report} → lib/reports/2_b/b.ts`,
  ]);
  assert.deepEqual(steps("lib/attic/a.ts"), [
    "lib/attic/a.ts: lib/attic is no room",
  ]);
});

Deno.test("circles() finds the files that import each other, by a worker too", () => {
  const a = ["lib/base/a.ts", 'import "./b.ts";'] as const;
  const b = ["lib/base/b.ts", 'import "./c.ts";'] as const;
  const worker = [
    "lib/base/c.ts",
    'new Worker(new URL("./a.ts", import.meta.url));',
  ] as const;
  assert.deepEqual(circles([a, b]), []);
  assert.deepEqual(circles([a, b, worker]), [[a[0], b[0], worker[0]]]);
});

const LIB = () =>
  FILES.filter((path) => path.startsWith("lib/"))
    .map((path) => [path, read(path)] as const);

Deno.test("no import in lib leads up, aside, or to another report", () => {
  assert.deepEqual(wrongSteps(LIB()), []);
});

Deno.test("no files of lib import each other in a circle", () => {
  assert.deepEqual(circles(LIB()), []);
});

/** Calls that draw random numbers of their own unless they are given a seed. */
const SEEDED = [
  ...["randomNormal", "randomUniform", "randomUniformInt", "truncatedNormal"],
  ...["randomGamma", "randomStandardNormal", "multinomial", "dropout"],
  ...[
    "initializers\\.(?:glorot|he|leCun|random|truncated|variance|orthogonal)\\w*",
  ],
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
    assert.deepEqual(unseeded(read(path)), [], path);
  }
});

/** What a permission set of deno.json grants. */
type Permissions = Record<string, unknown>;

interface Config {
  imports: Record<string, string>;
  tasks: Record<string, string | { command: string; description?: string }>;
  permissions: Record<string, Permissions>;
}

function config(): Config {
  return JSON.parse(read("deno.json"));
}

const commands = () =>
  Object.entries(config().tasks).map(([name, task]) =>
    [name, typeof task === "string" ? task : task.command] as const
  );

Deno.test("no task is allowed everything, and each that runs code says what it is allowed", () => {
  for (const [name, command] of commands()) {
    const words = command.split(/\s+/);
    assert.ok(!words.includes("-A") && !command.includes("--allow-"), name);
    if (!/\bdeno (run|test|bench)\b/.test(command)) continue;
    assert.ok(words.includes("--no-prompt"), `${name} may ask for more`);
    const set = words.find((word) => word.startsWith("-P="))?.slice(3);
    assert.ok(set && set in config().permissions, `${name} has no -P=`);
  }
});

Deno.test("tasks hear Ctrl-Z before their script is loaded", () => {
  for (const [name, command] of commands()) {
    if (!command.includes(" scripts/") || name === "build:kernels") continue;
    assert.match(command, / --preload lib\/cli\/preload\.ts scripts\//, name);
  }
});

Deno.test("training reads the project and writes runs, and nothing but data may use the network", () => {
  const { permissions } = config();
  assert.deepEqual(permissions.train, { read: ["."], write: ["runs"] });
  for (const [set, granted] of Object.entries(permissions)) {
    assert.ok(!("all" in granted) && !("ffi" in granted), set);
    if (set !== "data") assert.ok(!granted.net, `${set} has the network`);
  }
  const offline = ["-P=train", "-P=read", "-P=build"];
  for (const [name, command] of commands()) {
    if (!command.includes("scripts/") || name === "data") continue;
    assert.ok(offline.some((set) => command.includes(set)), name);
  }
});

Deno.test("mod.ts exports each name once", async () => {
  const mod: Record<string, unknown> = await import("alphalab");
  const found = new Map<string, string>();
  // `export *` of two modules with one name gives neither of them.
  for (const [, path] of read("mod.ts").matchAll(/export \* from "(.+)"/g)) {
    const module = await import(new URL(path!, ROOT).href);
    for (const name of Object.keys(module)) {
      assert.ok(!found.has(name), `${name}: ${found.get(name)} and ${path}`);
      found.set(name, path!);
      assert.equal(mod[name], module[name], `${name} of ${path}`);
    }
  }
  const named = [...read("mod.ts").matchAll(/export (?:type )?{([^}]*)}/g)]
    .flatMap(([, names]) => names!.split(","))
    .map((name) => name.trim().replace(/^type /, "")).filter(Boolean);
  for (const name of named) {
    assert.ok(!found.has(name), `${name} is in ${found.get(name)} too`);
    found.set(name, "mod.ts");
  }
  for (const name of Object.keys(mod)) assert.ok(found.has(name), name);
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
    assert.deepEqual(spreading(read(path)), [], path);
  }
});
