/** The code of a page of documentation, as one program. */

const block = /^```ts\n([\s\S]*?)^```$/gm;
const importStatement = /^import (?:type )?[^;]*? from "([^"]+)";$/gm;
const named = /\{([\s\S]*)\}/;
const namespace = /\* as (\w+)/;

/** All `ts` blocks of a page, one after the other, with what they import together at the top. Null where there is none. */
export function pageCode(markdown: string): string | null {
  const code = [...markdown.matchAll(block)].map(([, body]) => body).join("\n");
  if (code === "") return null;
  const names = new Map<string, Set<string>>();
  const namespaces = new Set<string>();
  for (const [statement, module = ""] of code.matchAll(importStatement)) {
    const whole = namespace.exec(statement)?.[1];
    if (whole) namespaces.add(`import * as ${whole} from "${module}";`);
    else if (!named.test(statement)) namespaces.add(statement);
    const list = (named.exec(statement)?.[1] ?? "").split(",").map((name) => name.trim());
    const known = names.get(module) ?? new Set();
    for (const name of list.filter((text) => text !== "")) known.add(name);
    names.set(module, known);
  }
  const imports = [...names]
    .filter(([, list]) => list.size > 0)
    .map(([module, list]) => `import { ${[...list].join(", ")} } from "${module}";`);
  const body = code.replace(importStatement, "").replace(/^import "[^"]+";$/gm, (statement) => {
    namespaces.add(statement);
    return "";
  });
  return [...namespaces, ...imports, body].join("\n");
}
