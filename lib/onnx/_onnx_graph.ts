import onnxProto, { type onnx } from "onnx-proto";

const { AttributeType } = onnxProto.onnx.AttributeProto;

/** A node's settings: whole numbers, lists of them, or fractions. */
export type OnnxAttributes = Readonly<
  Record<
    string,
    { int: number } | { ints: readonly number[] } | {
      float: number;
    }
  >
>;

/** Nodes and constants of an ONNX graph, in the order they were added. */
export interface OnnxGraph {
  readonly nodes: readonly onnx.INodeProto[];
  readonly initializers: readonly onnx.ITensorProto[];
  /**
   * Adds a constant.
   *
   * @param name what it is to be called; a number follows where that is taken
   * @param values float32, row-major
   * @returns its name
   */
  constant(
    name: string,
    values: Float32Array,
    shape: readonly number[],
  ): string;
  /**
   * Adds a constant list of whole numbers, int64.
   *
   * @returns its name
   */
  integers(name: string, values: readonly number[]): string;
  /**
   * Adds a node with one output, which has the node's name.
   *
   * @param name as of a constant
   * @param inputs names of what goes in
   * @returns its name
   */
  node(
    opType: string,
    name: string,
    inputs: readonly string[],
    attributes?: OnnxAttributes,
  ): string;
  /** Gives the last node's output another name: the graph's output. */
  renameOutput(name: string): void;
}

/**
 * An empty graph.
 *
 * @param taken names that are given already: the graph's inputs and outputs
 */
export function createOnnxGraph(taken: readonly string[]): OnnxGraph {
  const nodes: onnx.INodeProto[] = [];
  const initializers: onnx.ITensorProto[] = [];
  const names = new Set(taken);
  const unique = (wanted: string) => {
    const name = wanted.replaceAll("/", "_");
    let free = name;
    for (let i = 2; names.has(free); i++) free = `${name}_${i}`;
    names.add(free);
    return free;
  };
  return {
    nodes,
    initializers,
    constant(wanted, values, shape) {
      const name = unique(wanted);
      const { buffer, byteOffset, byteLength } = values.slice();
      initializers.push({
        name,
        dims: [...shape],
        dataType: onnxProto.onnx.TensorProto.DataType.FLOAT,
        // little-endian, as hosts of WebAssembly are taken to be
        rawData: new Uint8Array(buffer, byteOffset, byteLength),
      });
      return name;
    },
    integers(wanted, values) {
      const name = unique(wanted);
      const { buffer } = BigInt64Array.from(values, BigInt);
      initializers.push({
        name,
        dims: [values.length],
        dataType: onnxProto.onnx.TensorProto.DataType.INT64,
        rawData: new Uint8Array(buffer),
      });
      return name;
    },
    node(opType, wanted, inputs, attributes = {}) {
      const name = unique(wanted);
      const attribute = Object.entries(attributes).map(([name, value]) => {
        if ("int" in value) {
          return { name, type: AttributeType.INT, i: value.int };
        }
        return "ints" in value
          ? { name, type: AttributeType.INTS, ints: [...value.ints] }
          : { name, type: AttributeType.FLOAT, f: value.float };
      });
      nodes.push({
        opType,
        name,
        input: [...inputs],
        output: [name],
        attribute,
      });
      return name;
    },
    renameOutput(name) {
      nodes.at(-1)!.output = [name];
    },
  };
}
