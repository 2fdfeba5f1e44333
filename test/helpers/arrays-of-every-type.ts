/** One array of every element type, with the bits that conversions tend to lose. */
import { FlatArray, Weights } from "legolas-flux";

const floatBits = [0x3fc00000, 0x80000000, 0x7f800000, 0x7fc12345, 0xffc00001, 0x7f800001, 1];
const doubleBits = [0x7ff8_0000_dead_beefn, 0x7ff0_0000_0000_0001n, 0x8000_0000_0000_0000n, 1n];

const arrays: Readonly<Record<string, FlatArray>> = {
  bool: new FlatArray(new Uint8Array([1, 0, 1, 0, 0, 1]), [3, 2], "bool"),
  int8: new FlatArray(new Int8Array([-128, -1, 127]), [3]),
  int16: new FlatArray(new Int16Array([-32768, -1, 32767]), [3]),
  int32: new FlatArray(new Int32Array([-(2 ** 31), -1, 2 ** 31 - 1]), [3, 1]),
  int64: new FlatArray(new BigInt64Array([-(2n ** 63n), -1n, 2n ** 63n - 1n]), [1, 3]),
  uint8: new FlatArray(new Uint8Array([0, 1, 255]), [3]),
  uint16: new FlatArray(new Uint16Array([0, 1, 65535]), [3]),
  uint32: new FlatArray(new Uint32Array([0, 1, 2 ** 32 - 1]), [3]),
  uint64: new FlatArray(new BigUint64Array([0n, 1n, 2n ** 64n - 1n]), [3]),
  float16: new FlatArray(new Uint16Array([0x3e00, 0x8000, 0x7c00, 0x7e01, 0xfe55, 0x7c01]), [2, 3], "float16"),
  float32: new FlatArray(new Float32Array(new Uint32Array(floatBits).buffer), [7]),
  float64: new FlatArray(new Float64Array(new BigUint64Array(doubleBits).buffer), [2, 2]),
  scalar: new FlatArray(new Float32Array([2.5]), []),
  empty: new FlatArray(new Float32Array(0), [0, 3]),
};

/** All of them, named by their types. */
export const everyType = new Weights(Object.values(arrays), { names: Object.keys(arrays), layout: "torch" });
