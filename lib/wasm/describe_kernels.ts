/** Words of 4 bytes that the control block has for parameters. */
const MAX_WORDS = 64;

/** Types of 4 bytes: a class of such fields is words 0, 1, 2, … */
type FieldType = "usize" | "i32" | "u32" | "f32";

/** A field of a class of parameters. */
interface Field {
  name: string;
  type: FieldType;
  doc: string;
  /** Whether it is any number of words, after all others. */
  isList: boolean;
}

/** An `@unmanaged` class of a kernel's source. */
interface ParamsClass {
  name: string;
  base?: string;
  file: string;
  fields: Field[];
  /** What is no field of 4 bytes. */
  wrongLine?: string;
}

/** A list, which the language does not have, stands there as a comment. */
const FIELD = /^ {2}(\/\/ )?(\w+): (usize|i32|u32|f32)(\[\])?;(?: \/\/ (.*))?$/;

function fieldOf(line: string): Field | undefined {
  const match = FIELD.exec(line);
  if (!match) return undefined;
  const [, comment, name, type, list, doc = ""] = match;
  const isList = list !== undefined;
  if (isList !== (comment !== undefined)) return undefined;
  return { name: name!, type: type as FieldType, doc, isList };
}

/** The `@unmanaged` classes of a source, with what is inside of them. */
function classesOf(file: string, source: string): ParamsClass[] {
  const form =
    /^@unmanaged\n(?:export )?class (\w+)(?: extends (\w+))? {\n(.*?)^}/gms;
  return [...source.matchAll(form)].map(([, name, base, body]) => {
    const lines = body!.split("\n").filter((line) => line.trim() !== "");
    const wrongLine = lines.find((line, i) => {
      const field = fieldOf(line);
      return !field || field.isList && i < lines.length - 1;
    });
    const fields = lines.map(fieldOf).filter((field) => field !== undefined);
    return { name: name!, base, file, fields, wrongLine };
  });
}

/**
 * Each kernel and the class that it reads its parameters as, or that the
 * function does to which it hands them on.
 */
function kernelsOf(
  files: readonly (readonly [string, string])[],
): [string, string][] {
  const form = /^export function (\w+)(?:<\w+>)?\(\s*params: usize,.*?^}/gms;
  const functions = new Map(
    files.flatMap(([, source]) =>
      [...source.matchAll(form)].map(([body, name]) => [name!, body] as const)
    ),
  );
  const classOf = (name: string): string => {
    const [, callee, type] =
      /(\w+)(?:<(\w+)>)?\(params[,)]/.exec(functions.get(name) ?? "") ??
        [];
    if (callee === "changetype") return type!;
    if (callee) return classOf(callee);
    throw new Error(
      `Cannot describe ${name}: it must say changetype<…>(params)`,
    );
  };
  return [...functions.keys()].filter((name) => name.endsWith("F32"))
    .map((kernel) => [kernel, classOf(kernel)]);
}

/** The exported integer constants of all sources, by their names. */
function constantsOf(
  files: readonly (readonly [string, string])[],
): Map<string, string> {
  const constants = new Map<string, string>();
  const form = /^export const (\w+): (?:i32|u32|usize) = (-?[\d_]+);/gm;
  for (const [file, source] of files) {
    for (const [, name, value] of source.matchAll(form)) {
      if (constants.has(name!)) {
        throw new Error(
          `Cannot describe ${name}: its name must be its own: got kernels/${file} and another file`,
        );
      }
      constants.set(name!, value!);
    }
  }
  return constants;
}

/** A doc comment, in one line where that has at most 80 columns. */
function docOf(text: string, indent: string): string {
  if (text === "") return "";
  const line = `${indent}/** ${text} */`;
  if (line.length <= 80) return `${line}\n`;
  const lines = [`${indent} *`];
  for (const word of text.split(" ")) {
    const longer = `${lines.at(-1)} ${word}`;
    if (longer.length <= 80) lines[lines.length - 1] = longer;
    else lines.push(`${indent} * ${word}`);
  }
  return `${indent}/**\n${lines.join("\n")}\n${indent} */\n`;
}

function interfaceOf({ name, base, file, fields }: ParamsClass): string {
  const lines = fields.map(({ name, doc, isList }) =>
    `${docOf(doc, "  ")}  readonly ${name}: ${
      isList ? "readonly number[]" : "number"
    };\n`
  );
  return `/** \`${name}\` of kernels/${file}. */
export interface ${name}${base ? ` extends ${base}` : ""} {
${lines.join("")}}
`;
}

function writerOf(name: string, fields: readonly Field[]): string {
  const lines = fields.map(({ name, type, isList }, word) => {
    const to = type === "f32" ? "floats" : "words";
    return isList
      ? `  params.${name}.forEach((value, i) => ${to}[${word} + i] = value);\n`
      : `  ${to}[${word}] = params.${name};\n`;
  });
  const hasFloats = fields.some(({ type }) => type === "f32");
  return `function write${name}(
  params: ${name},
  words: Int32Array,
  ${hasFloats ? "floats" : "_floats"}: Float32Array,
) {
${lines.join("")}}
`;
}

/**
 * What the host must know of the kernels' sources: an interface and a writer
 * for each class of parameters, the closed list of kernels, and the exported
 * integer constants.
 *
 * @param sources the texts of the files of kernels/, by their names
 * @returns the source of lib/wasm/kernel_params.ts
 * @throws Error if a kernel's class of parameters is not found, has a field
 * that is not 4 bytes wide, or does not fit into the control block, or if two
 * constants have one name
 */
export function describeKernels(sources: ReadonlyMap<string, string>): string {
  const files = [...sources].sort(([a], [b]) => a < b ? -1 : 1);
  const classes = new Map(
    files.flatMap(([file, source]) => classesOf(file, source))
      .map((found) => [found.name, found]),
  );
  const kernels = kernelsOf(files);
  const used = new Set<ParamsClass>();

  /** The fields of a class after those of its base. */
  function fieldsOf(name: string): Field[] {
    const found = classes.get(name);
    if (!found) {
      throw new Error(
        `Cannot describe ${name}: it must be an @unmanaged class of kernels/: got none`,
      );
    }
    const { base, fields, wrongLine } = found;
    if (wrongLine !== undefined) {
      throw new Error(
        `Cannot describe ${name}: each line must be a field of 4 bytes: got ${wrongLine.trim()}`,
      );
    }
    const all = [...base ? fieldsOf(base) : [], ...fields];
    used.add(found);
    if (all.length <= MAX_WORDS) return all;
    throw new Error(
      `Cannot describe ${name}: it must have at most ${MAX_WORDS} fields: got ${all.length}`,
    );
  }

  const writers = [...new Set(kernels.map(([, params]) => params))]
    .map((name) => writerOf(name, fieldsOf(name)));
  const constants = [...constantsOf(files)]
    .map(([name, value]) => `export const ${name} = ${value};\n`);
  return `// deno-fmt-ignore-file
/**
 * What kernels/ says of its parameters and constants. Written by
 * \`deno task build:kernels\`, not by hand.
 */

${constants.join("")}
${[...used].map(interfaceOf).join("\n")}
/** What each kernel reads; a pointer is a byte offset in the heap. */
export interface KernelParams {
${kernels.map(([kernel, params]) => `  ${kernel}: ${params};\n`).join("")}}

/** A kernel of kernels/mod.ts; by convention \`<op><Pass>F32\`. */
export type KernelName = keyof KernelParams;

${writers.join("\n")}
/** Puts a kernel's parameters where it reads them. */
export const WRITE_PARAMS: {
  readonly [Name in KernelName]: (
    params: KernelParams[Name],
    words: Int32Array,
    floats: Float32Array,
  ) => void;
} = {
${
    kernels.map(([kernel, params]) => `  ${kernel}: write${params},\n`).join("")
  }};
`;
}
