import { FormatError } from "legolas-flux";
import { expect, it } from "vitest";

it("messages show control characters of files instead of obeying them", () => {
  const error = new FormatError({ subject: 'column "\u001b[31mred\u0007"', found: "a\nb" });
  expect(error.message).toBe('column "\\u001b[31mred\\u0007": found a\nb');
});
