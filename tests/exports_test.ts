import assert from "node:assert/strict";
import { readConfig, ROOT } from "./project_files.ts";

/** A name that a path exports, and where it is declared. */
interface Exported {
  path: string;
  name: string;
  file: string;
  /** Whether it is a type, and so nothing to call. */
  isType: boolean;
  /** The comment above its declaration; undefined for none. */
  doc: string | undefined;
  /** What its comment leaves out, of a function's parameters and result. */
  missing: string[];
}

/** One of several things that a name stands for. */
interface Declaration {
  kind: string;
  location: { filename: string };
  jsDoc?: { doc?: string; tags?: { kind: string; name?: string }[] };
  def?: { params?: unknown[]; returnType?: unknown };
}

/** What `deno doc --json` says, as far as it is read here. */
interface DocJson {
  nodes: Record<string, {
    module_doc?: { doc?: string };
    symbols: {
      name: string;
      declarations: Declaration[];
    }[];
  }>;
}

const PATHS = readConfig().exports;

/** The documentation of all paths, read once. */
let nodes: Promise<DocJson["nodes"]> | undefined;
const documentation = () => nodes ??= readDoc();

async function readDoc(): Promise<DocJson["nodes"]> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["doc", "-q", "--json"].concat(Object.values(PATHS)),
    cwd: ROOT,
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  assert.ok(success, text(stderr));
  const { nodes }: DocJson = JSON.parse(text(stdout));
  return nodes;
}

/** Which tags the comment of a function lacks. */
function missingTags({ kind, jsDoc, def }: Declaration): string[] {
  if (kind !== "function") return [];
  const tags = jsDoc?.tags ?? [];
  const params = new Set(
    tags.filter(({ kind }) => kind === "param")
      .map(({ name }) => name!.split(".")[0]),
  );
  // void, or the void of a promise
  const isVoid = JSON.stringify(def!.returnType).includes('"value":"void"');
  const result = isVoid || tags.some(({ kind }) => kind === "return");
  return (params.size < def!.params!.length ? ["@param"] : [])
    .concat(result ? [] : ["@returns"]);
}

/** All names that deno.json's paths export, types among them. */
async function exportedNames(): Promise<Exported[]> {
  const nodes = await documentation();
  return Object.entries(PATHS).flatMap(([path, file]) =>
    nodes[new URL(file, ROOT).href]!.symbols.map((symbol) => {
      const [declaration] = symbol.declarations;
      const { kind, location, jsDoc } = declaration!;
      return {
        path,
        name: symbol.name,
        file: location.filename.slice(ROOT.href.length),
        isType: kind === "interface" || kind === "typeAlias",
        doc: jsDoc?.doc,
        missing: missingTags(declaration!),
      };
    })
  );
}

Deno.test("the import map has each exported path under the name alphalab", () => {
  const { imports } = readConfig();
  const names = Object.keys(imports).filter((name) =>
    /^alphalab(\/|$)/.test(name)
  );
  const paths = names.map((name) => [
    name.replace("alphalab", "."),
    imports[name],
  ]);
  assert.deepEqual(Object.fromEntries(paths), PATHS);
});

Deno.test("each exported path loads and says what it is", async () => {
  const nodes = await documentation();
  for (const [path, file] of Object.entries(PATHS)) {
    const { href } = new URL(file, ROOT);
    assert.ok(Object.keys(await import(href)).length > 0, path);
    assert.ok(nodes[href]!.module_doc?.doc, `${path} has no doc comment`);
  }
});

Deno.test("the paths export at most 75 functions and 75 types, each once and with a whole doc comment", async () => {
  const exported = await exportedNames();
  const names = exported.map(({ name }) => name);
  assert.deepEqual(names.filter((name, i) => names.indexOf(name) < i), []);
  const types = exported.filter(({ isType }) => isType).length;
  assert.ok(names.includes("fit") && names.includes("FitEvents"));
  assert.ok(types > 0 && types <= 75, `${types} types`);
  const others = names.length - types;
  assert.ok(others > 0 && others <= 75, `${others} functions and classes`);
  assert.deepEqual(exported.filter(({ doc }) => !doc), []);
  assert.deepEqual(exported.filter(({ missing }) => missing.length > 0), []);
});

Deno.test("deno doc --lint finds fault with nothing but the types of TF.js", async () => {
  const { stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["doc", "--lint"].concat(Object.values(PATHS)),
    cwd: ROOT,
    env: { NO_COLOR: "1" },
  }).output();
  const found = new TextDecoder().decode(stderr)
    .match(/^error.*\n.*\n.*\n.*$/gm) ?? [];
  // A package's types cannot be made public, as it asks for.
  const ofTfjs =
    /references private type '(?:Tensor(?:\dD)?|Scalar|Variable|Optimizer|Layer|Shape|ConfigDict|NamedTensorMap)'/;
  const known = found.filter((error) => ofTfjs.test(error));
  assert.ok(known.length > 0, "it looked at something");
  const others = found.filter((error) =>
    !ofTfjs.test(error) && !/^error: Found \d+/.test(error)
  );
  assert.deepEqual(others, []);
});

Deno.test("no path exports anything of a single report", async () => {
  const exported = await exportedNames();
  assert.ok(exported.every(({ file }) => /^(mod\.ts|lib\/)/.test(file)));
  assert.deepEqual(
    exported.filter(({ file }) => file.startsWith("lib/reports/")),
    [],
  );
});
