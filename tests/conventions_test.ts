import assert from "node:assert/strict";
import { FILES, readFile, ROOT, withoutComments } from "./project_files.ts";

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

Deno.test("mod.ts exports each name once", async () => {
  const mod: Record<string, unknown> = await import("alphalab");
  const found = new Map<string, string>();
  // `export *` of two modules with one name gives neither of them.
  for (
    const [, path] of readFile("mod.ts").matchAll(/export \* from "(.+)"/g)
  ) {
    const module = await import(new URL(path!, ROOT).href);
    for (const name of Object.keys(module)) {
      assert.ok(!found.has(name), `${name}: ${found.get(name)} and ${path}`);
      found.set(name, path!);
      assert.equal(mod[name], module[name], `${name} of ${path}`);
    }
  }
  const named = [...readFile("mod.ts").matchAll(/export (?:type )?{([^}]*)}/g)]
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
    assert.deepEqual(spreading(readFile(path)), [], path);
  }
});
