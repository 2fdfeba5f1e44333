/** The entry `legolas-flux/safetensors`: weights from and to safetensors files. */
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
