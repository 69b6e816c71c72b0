/** A net's loss or one of its parameters is no finite number any more. */
export class DivergenceError extends Error {
  override name = "DivergenceError";
}
