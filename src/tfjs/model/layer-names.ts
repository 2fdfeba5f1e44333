/** Names of layers and their variables. */

const defaultName = /^([a-z0-9_]+)_([A-Z][A-Za-z0-9]*?)\d+$/;

/**
 * A name without the numbers that TensorFlow.js counts through the process in default layer names: `dense_Dense3/kernel` of one model is
 * `dense_Dense1/kernel` of its copy in another process. The parts stand between `/`, in PyTorch's names between dots. Names given by the user stay as they are.
 */
export function withoutCounters(name: string): string {
  return name
    .split(/([/.])/)
    .map((part) => {
      const [, prefix = "", className = ""] = defaultName.exec(part) ?? [];
      const snake = toSnakeCase(className);
      const isDefault = className !== "" && (prefix === snake || prefix.endsWith(`_${snake}`));
      return isDefault ? `${prefix}_${className}` : part;
    })
    .join("");
}

/** How TensorFlow.js derives the first half of a default name from the class. */
function toSnakeCase(className: string): string {
  return className
    .replace(/(.)([A-Z][a-z0-9]+)/g, "$1_$2")
    .replace(/([a-z])([A-Z])/g, "$1_$2")
    .toLowerCase();
}

/** The last part of a variable's name, such as `kernel`. */
export function localName(name: string): string {
  return name.slice(name.lastIndexOf("/") + 1);
}

/** A variable's name without its last part. */
export function layerPath(name: string): string {
  return name.slice(0, Math.max(0, name.lastIndexOf("/")));
}
