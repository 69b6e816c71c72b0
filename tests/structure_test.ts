import assert from "node:assert/strict";
import {
  FILES,
  FLOORS,
  importsOf,
  readConfig,
  readFile,
  ROOT,
  type SourceFile,
  sourcesIn,
  targetsOf,
} from "./project_files.ts";

/** Whose files may import whose; all may import packages. */
const ARROWS: Record<string, readonly string[]> = {
  kernels: ["kernels"],
  lib: ["lib", "kernels"],
  "mod.ts": ["lib"],
  scripts: ["lib", "mod.ts"],
  tests: ["tests", "bench", "lib", "kernels", "mod.ts"],
  bench: ["bench", "lib", "kernels", "mod.ts"],
  docs: ["lib", "mod.ts"],
};

/** The part of the project that an import leads to; none for a package. */
function partOf(specifier: string, importer: string): string | undefined {
  if (specifier === "alphalab") return "mod.ts";
  if (/^(alphalab|#lib)\//.test(specifier)) return "lib";
  if (!specifier.startsWith(".")) return undefined;
  const { href } = new URL(specifier, new URL(importer, ROOT));
  assert.ok(href.startsWith(ROOT.href), `${importer} leaves the project`);
  return href.slice(ROOT.href.length).split("/")[0]!;
}

function wrongArrows(files: readonly SourceFile[]) {
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

/** Where an import leads out of its room to no lower floor. */
function wrongSteps(files: readonly SourceFile[]): string[] {
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

/** The directory of a room of lib, which for a report is that of the report. */
function roomOf(path: string): string {
  return /^lib\/(?:reports\/)?[^/]+\//.exec(path)?.[0] ?? "";
}

/** Where a file that begins with _ is imported from outside of its room. */
function wrongInternals(files: readonly SourceFile[]): string[] {
  return files.flatMap((file) =>
    targetsOf(file)
      .filter((target) =>
        /\/_[^/]*$/.test(target) && roomOf(target) !== roomOf(file[0])
      )
      .map((target) => `${file[0]} → ${target}`)
  );
}

/** The files that import each other in a circle. */
function circles(files: readonly SourceFile[]): string[][] {
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
    "./effect.ts",
    "./type.ts",
    "./lines.ts",
    "./all.ts",
    "./some.ts",
    "./lazy.ts",
    "./other.ts",
  ]);
});

Deno.test("wrongArrows() sees an arrow that points back", () => {
  const dynamically = "await import"; // apart: this file is searched too
  const wrong: [string, string][] = [
    ["lib/a/b.ts", 'import "../../scripts/run.ts";'],
    ["lib/a/b.ts", 'import { a } from "../../tests/helper.ts";'],
    ["lib/a/b.ts", 'export * from "../../bench/paired.ts";'],
    ["lib/a/b.ts", 'import { startBackend } from "alphalab";'],
    ["kernels/a.ts", 'import { createRandom } from "alphalab/random";'],
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
  const sources = sourcesIn("");
  assert.deepEqual(wrongArrows(sources), []);
  // That it looked at something.
  const imports = sources.flatMap(([path, source]) =>
    importsOf(source).map((specifier) => partOf(specifier, path))
  );
  for (const part of ["lib", "kernels", "tests", "mod.ts"]) {
    assert.ok(imports.includes(part), `none imports ${part}`);
  }
});

Deno.test("packages are imported by the names of deno.json", () => {
  const names = Object.keys(readConfig().imports);
  const known = (specifier: string) =>
    /^(\.|node:)/.test(specifier) ||
    names.some((name) =>
      name === specifier || name.endsWith("/") && specifier.startsWith(name)
    );
  for (const path of FILES) {
    for (const specifier of importsOf(readFile(path))) {
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

Deno.test("wrongInternals() sees who imports another room's internal file", () => {
  const good = [
    ["lib/data/a.ts", 'import "./_b.ts";'],
    ["lib/data/sets/a.ts", 'import "../_b.ts";'],
    ["lib/reports/1_a/a.ts", 'import "./_b.ts";'],
  ] as const;
  assert.deepEqual(wrongInternals(good), []);
  const bad = [
    ["lib/run/a.ts", 'import "../data/_b.ts";'],
    ["lib/reports/1_a/a.ts", 'import "../2_b/_c.ts";'],
    ["scripts/a.ts", 'import "../lib/data/_b.ts";'],
  ] as const;
  assert.equal(wrongInternals(bad).length, bad.length);
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

Deno.test("no import in lib leads up, aside, or to another report", () => {
  assert.deepEqual(wrongSteps(sourcesIn("lib/")), []);
});

Deno.test("files that begin with _ are imported in their own room alone", () => {
  const sources = sourcesIn("").filter(([path]) => !path.startsWith("tests/"));
  assert.deepEqual(wrongInternals(sources), []);
});

Deno.test("no files of lib import each other in a circle", () => {
  assert.deepEqual(circles(sourcesIn("lib/")), []);
});

/** What the files of a toolkit must not name: reports, and tasks of theirs. */
function reportNames(files: readonly SourceFile[]): RegExp {
  const tasks = files
    .filter((file) =>
      targetsOf(file).some((path) => path.startsWith("lib/reports/"))
    )
    .map(([path]) => /([^/]+)\.ts$/.exec(path)![1]!.replaceAll("_", "-"));
  assert.ok(tasks.includes("fashion-alpha"));
  return new RegExp(`\\breports? \\d|\\b(?:${tasks.join("|")})\\b`, "i");
}

Deno.test("no file of lib but a report's own names a report or its task", () => {
  const names = reportNames(sourcesIn("scripts/"));
  const found = sourcesIn("lib/")
    .filter(([path]) => !path.startsWith("lib/reports/"))
    .filter(([, source]) => names.test(source))
    .map(([path, source]) => `${path}: ${names.exec(source)![0]}`);
  assert.deepEqual(found, []);
});
