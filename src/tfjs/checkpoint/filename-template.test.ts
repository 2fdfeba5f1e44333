import { describe, expect, it } from "vitest";
import { InputError } from "../../errors.ts";
import { FilenameTemplate } from "./filename-template.ts";

const format = (template: string, values: Record<string, number>): string =>
  new FilenameTemplate(template).format(values);

describe("numbers as CPython 3.11 prints them", () => {
  const printed = (specs: readonly string[], x: number): string =>
    specs.map((spec) => format(`{x:${spec}}`, { x })).join("|");

  it.each([
    [0, "0.00|0000.000|0|0.000000e+00|0.00e+00|00000000e+00|0|0|0000000000|   0.0"],
    [-0, "-0.00|-000.000|-0|-0.000000e+00|-0.00e+00|-0000000e+00|-0|-0|-000000000|  -0.0"],
    [1, "1.00|0001.000|1|1.000000e+00|1.00e+00|00000001e+00|1|1|0000000001|   1.0"],
    [0.5, "0.50|0000.500|0|5.000000e-01|5.00e-01|00000005e-01|0.5|0.5|00000000.5|   0.5"],
    [2.5, "2.50|0002.500|2|2.500000e+00|2.50e+00|00000002e+00|2.5|2.5|00000002.5|   2.5"],
    [0.125, "0.12|0000.125|0|1.250000e-01|1.25e-01|00000001e-01|0.125|0.125|000000.125|   0.1"],
    [0.375, "0.38|0000.375|0|3.750000e-01|3.75e-01|00000004e-01|0.375|0.375|000000.375|   0.4"],
    [0.15, "0.15|0000.150|0|1.500000e-01|1.50e-01|00000001e-01|0.15|0.15|0000000.15|   0.1"],
    [9.995, "9.99|0009.995|10|9.995000e+00|9.99e+00|00000001e+01|9.995|9.99|000009.995|  10.0"],
    [99.5, "99.50|0099.500|100|9.950000e+01|9.95e+01|00000001e+02|99.5|99.5|00000099.5|  99.5"],
    [0.0049999, "0.00|0000.005|0|4.999900e-03|5.00e-03|00000005e-03|0.0049999|0.005|000000.005|   0.0"],
    [1e-7, "0.00|0000.000|0|1.000000e-07|1.00e-07|00000001e-07|1e-07|1e-07|000001e-07|   0.0"],
    [1.5e-7, "0.00|0000.000|0|1.500000e-07|1.50e-07|00000001e-07|1.5e-07|1.5e-07|0001.5e-07|   0.0"],
    [
      123456789,
      "123456789.00|123456789.000|123456789|1.234568e+08|1.23e+08|00000001e+08|1.23457e+08|1.23e+08|01.235e+08|123456789.0",
    ],
    [
      1e21,
      "1000000000000000000000.00|1000000000000000000000.000|1000000000000000000000|1.000000e+21|1.00e+21|00000001e+21|1e+21|1e+21|000001e+21|1000000000000000000000.0",
    ],
    [-2.675, "-2.67|-002.675|-3|-2.675000e+00|-2.67e+00|-0000003e+00|-2.675|-2.67|-00002.675|  -2.7"],
    [0.00009999995, "0.00|0000.000|0|9.999995e-05|1.00e-04|00000001e-04|0.0001|0.0001|00000.0001|   0.0"],
    [0.0001, "0.00|0000.000|0|1.000000e-04|1.00e-04|00000001e-04|0.0001|0.0001|00000.0001|   0.0"],
    [999999.5, "999999.50|999999.500|1000000|9.999995e+05|1.00e+06|00000001e+06|1e+06|1e+06|000001e+06|999999.5"],
    [Number.NaN, "nan|00000nan|nan|nan|nan|000000000nan|nan|nan|0000000nan|   nan"],
    [Number.POSITIVE_INFINITY, "inf|00000inf|inf|inf|inf|000000000inf|inf|inf|0000000inf|   inf"],
    [Number.NEGATIVE_INFINITY, "-inf|-0000inf|-inf|-inf|-inf|-00000000inf|-inf|-inf|-000000inf|  -inf"],
  ])("%d", (value, expected) => {
    expect(printed([".2f", "08.3f", ".0f", "e", ".2e", "012.0e", "g", ".3g", "010.4g", "6.1f"], value)).toBe(expected);
  });

  it.each([
    [3, "3|03|00003|   3|3"],
    [-3, "-3|-3|-0003|  -3|-3"],
    [0, "0|00|00000|   0|0"],
    [1234, "1234|1234|01234|1234|1234"],
  ])("integers: %d", (value, expected) => expect(printed(["d", "02d", "05d", "4d", ""], value)).toBe(expected));
});

describe("paths", () => {
  it("fills every placeholder, and takes doubled braces for braces", () => {
    const values = { epoch: 3, val_loss: 0.354, acc: 1 };
    expect(format("runs/{epoch:02d}-{val_loss:.2f}.digits.model.arrow", values)).toBe(
      "runs/03-0.35.digits.model.arrow",
    );
    expect(format("{{{epoch}}}-{acc}{epoch}", values)).toBe("{3}-13");
    expect(format("plain.arrow", values)).toBe("plain.arrow");
  });

  it.each([
    ["runs/{epoch:02d}-{val_loss:.2f}.digits.model.arrow", ".digits.model.arrow", "runs/last.digits.model.arrow"],
    ["{epoch}.arrow", ".arrow", "last.arrow"],
    ["runs/v1.2/best.model.arrow", ".model.arrow", "runs/v1.2/last.model.arrow"],
    ["runs/{epoch}/my.model.arrow", ".model.arrow", "runs/last.model.arrow"],
    ["runs/a.b/{epoch}", "", "runs/a.b/last"],
    [".hidden", "", "last"],
  ])("%s ends in %s, beside which is %s", (path, suffix, last) => {
    const template = new FilenameTemplate(path);
    expect(template.suffix).toBe(suffix);
    expect(template.sibling("last")).toBe(last);
  });

  it.each([
    "{epoch",
    "epoch}",
    "{}",
    "{:02d}",
    "{epoch:x}",
    "{epoch:.2d}",
    "{loss:.3}",
    "{loss:.99f}",
    "{loss:<5}",
    "a{b{c}}",
  ])("%s is refused", (template) => expect(() => new FilenameTemplate(template)).toThrow(InputError));

  it("says which values there are, and that d prints integers only", () => {
    expect(() => format("{epoch}-{val_los:.2f}", { epoch: 1, loss: 2, val_loss: 3 })).toThrow(
      /\{val_los\}: expected one of epoch, loss, val_loss, found no such value/,
    );
    expect(() => format("{toString}", { epoch: 1 })).toThrow(InputError);
    expect(() => format("{loss:d}", { loss: 0.5 })).toThrow(/expected an integer, found 0.5[\s\S]*\{loss:.4f\}/);
    expect(() => format("{loss:d}", { loss: Number.NaN })).toThrow(InputError);
  });
});
