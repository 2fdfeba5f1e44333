/**
 * Weights from and to safetensors files.
 *
 * @module legolas-flux/safetensors
 */
export {
  decodeSafetensors,
  type FromSafetensorsOptions,
  fromSafetensors,
  openSafetensors,
  type Safetensors,
  type SafetensorsHandle,
} from "./safetensors/from-safetensors.ts";
export type { SafetensorsMetadata } from "./safetensors/read-header.ts";
export {
  type EncodeSafetensorsOptions,
  encodeSafetensors,
  type ToSafetensorsOptions,
  toSafetensors,
} from "./safetensors/to-safetensors.ts";
