/**
 * Nets as ONNX models, and ONNX models as classifiers.
 *
 * @module
 */
export { exportOnnx } from "./export_onnx.ts";
export {
  createOnnxClassifier,
  type OnnxClassifier,
} from "./onnx_classifier.ts";
