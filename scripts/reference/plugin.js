/**
 * A TypeDoc plugin: what pages of this package have otherwise than TypeDoc makes them.
 *
 * - `@throws {X} When.` names and links the error X; TypeDoc drops what stands in braces.
 * - Errors are a group of their own, without constructors, which are for this package; what all have stands with LegolasError.
 * - Each page begins with the names on it, and tells which it has from other entries, in a line instead of a section for each.
 * - Anchors are made of names (`weights.get`), not counted, so that one more name changes no other.
 * - Type parameters of which nothing is said stand in the signature only; small objects and unions in signatures take one line.
 *
 * And a check: whatever has a name has a docstring, parameters included; but not what stands inside an unnamed object type.
 */
import { Application, Comment, CommentTag, Converter, ReflectionKind } from "typedoc";
import { MarkdownPageEvent, ModuleRouter } from "typedoc-plugin-markdown";

const text = (value) => ({ kind: "text", text: value });
const linkTo = (target) => ({ kind: "inline-tag", tag: "@link", text: target.name, target });
const linksTo = (targets) => targets.flatMap((target, i) => [...(i > 0 ? [text(", ")] : []), linkTo(target)]);

const modulesOf = (project) => project.getChildrenByKind(ReflectionKind.Module);

function isError(reflection) {
  if (reflection.name === "LegolasError") return true;
  return (reflection.extendedTypes ?? []).some(({ reflection: parent }) => parent !== undefined && isError(parent));
}

function groupErrors(project) {
  const errors = project.getReflectionsByKind(ReflectionKind.Class).filter(isError);
  const base = errors.find(({ name }) => name === "LegolasError");
  const shared = new Set(base?.children?.map(({ name }) => name));
  for (const error of errors) {
    const isHidden = (member) =>
      member.kindOf(ReflectionKind.Constructor) || (error !== base && shared.has(member.name));
    for (const member of error.children?.filter(isHidden) ?? []) project.removeReflection(member);
    error.comment?.blockTags.push(new CommentTag("@group", [text("Errors")]));
  }
}

/** Re-exports, taken out of their entries. */
function takeReferences(project) {
  const referencesOf = (module) => module.getChildrenByKind(ReflectionKind.Reference);
  return modulesOf(project).map((module) => {
    const references = referencesOf(module).map((reference) => reference.getTargetReflectionDeep());
    for (const reference of referencesOf(module)) project.removeReflection(reference);
    return { module, references };
  });
}

function listNames({ module, references }) {
  module.comment ??= new Comment();
  const { summary } = module.comment;
  for (const { title, children } of module.groups ?? []) {
    summary.push(text(`\n\n**${title}:** `), ...linksTo(children));
  }
  for (const origin of new Set(references.map(({ parent }) => parent))) {
    const names = references.filter(({ parent }) => parent === origin).sort((a, b) => (a.name < b.name ? -1 : 1));
    summary.push(text("\n\n**Also exported here**, from "), linkTo(origin), text(": "), ...linksTo(names));
  }
}

function nameThrown(project, logger) {
  const errors = new Map(project.getReflectionsByKind(ReflectionKind.Class).map((error) => [error.name, error]));
  const thrown = (tag, owner) => {
    const names = tag.typeAnnotation?.match(/\w+/g) ?? [];
    const known = names.flatMap((name) => errors.get(name) ?? []);
    if (known.length === 0 || known.length < names.length) {
      logger.warn(`${owner.getFriendlyFullName()}: @throws ${tag.typeAnnotation ?? ""} names no exported error`);
    }
    return [text("\n- "), ...linksTo(known), text(": "), ...tag.content];
  };
  for (const reflection of Object.values(project.reflections)) {
    const tags = reflection.comment?.getTags("@throws") ?? [];
    if (tags.length === 0) continue;
    const list = tags.flatMap((tag) => thrown(tag, reflection));
    reflection.comment.removeTags("@throws");
    reflection.comment.blockTags.push(new CommentTag("@throws", list));
  }
}

const kindsWithDocs =
  ReflectionKind.SomeExport | ReflectionKind.SomeMember | ReflectionKind.Parameter | ReflectionKind.Module;

function isInsideType({ parent }) {
  return parent !== undefined && (parent.kindOf(ReflectionKind.TypeLiteral) || isInsideType(parent));
}

/** Classes without words of their own, which TypeDoc then gives those of the class they extend. */
function findSilentClasses(project) {
  return new Set(project.getReflectionsByKind(ReflectionKind.ClassOrInterface).filter((own) => !own.hasComment()));
}

function isDocumented(reflection) {
  if (reflection.hasComment()) return true;
  const signatures = reflection.isDeclaration() ? reflection.getAllSignatures() : [];
  return signatures.length > 0 && signatures.every((signature) => signature.hasComment());
}

function checkDocumented(project, silentClasses, logger) {
  for (const reflection of project.getReflectionsByKind(kindsWithDocs)) {
    const isDescribed = isDocumented(reflection) && !silentClasses.has(reflection);
    if (isDescribed || isInsideType(reflection)) continue;
    logger.validationWarning(`${reflection.getFriendlyFullName()} has no docstring`);
  }
}

/** A table of type parameters that says only their names. */
const bareTypeParameters = /#+ Type Parameters\n\n\| Type Parameter \|\n\| :-+ \|\n(?:\|.*\|\n)+\n/g;
const codeBlocks = /```ts\n[\s\S]*?```/g;
const smallObjects = /\{\n((?: {2}[^\n{}]+;\n)+)\}/g;
const lineWidth = 80;

/** Small objects on one line; unions too, but that of a type alias, which has a line for each member. */
function tidyCode(code) {
  const compact = code.replace(smallObjects, (object, members) => {
    const line = `{ ${members
      .trim()
      .replace(/\s*\n\s*/g, " ")
      .slice(0, -1)} }`;
    return line.length > lineWidth ? object : line;
  });
  if (code.startsWith("```ts\ntype ")) return compact;
  return compact.replace(/ *\n {2}\| /g, " | ").replaceAll(": | ", ": ");
}

/** Tables have no bar before the first member of a union. */
function tidy(contents) {
  return contents
    .replace(bareTypeParameters, "")
    .replace(codeBlocks, tidyCode)
    .replace(/^(\|.*? \| )\\\| /gm, "$1")
    .replace(/ +$/gm, "");
}

class NamedAnchorsRouter extends ModuleRouter {
  buildPages(project) {
    const pages = super.buildPages(project);
    const taken = new Set();
    for (const reflection of this.anchors.keys()) {
      const names = [];
      let page = reflection;
      for (; !this.hasOwnDocument(page); page = page.parent) {
        if (!page.kindOf(ReflectionKind.TypeLiteral | ReflectionKind.SomeSignature)) names.unshift(page.name);
      }
      const named = names
        .join(".")
        .replace(/[^\w.~-]/g, "")
        .toLowerCase();
      const kind = ReflectionKind.singularString(reflection.kind).toLowerCase().replaceAll(" ", "-");
      const url = this.fullUrls.get(page);
      const anchor = taken.has(`${url}#${named}`) ? `${named}-${kind}` : named;
      taken.add(`${url}#${anchor}`);
      this.anchors.set(reflection, anchor);
      this.fullUrls.set(reflection, `${url}#${anchor}`);
    }
    return pages;
  }
}

export function load(app) {
  let entries = [];
  let silentClasses = new Set();
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    groupErrors(project);
    entries = takeReferences(project);
    silentClasses = findSilentClasses(project);
  });
  app.converter.on(Converter.EVENT_RESOLVE_END, ({ project }) => nameThrown(project, app.logger));
  // Groups are made by a listener of this event, too: this one comes after it.
  app.converter.on(Converter.EVENT_RESOLVE_END, () => entries.forEach(listNames), -1000);
  app.on(Application.EVENT_VALIDATE_PROJECT, (project) => checkDocumented(project, silentClasses, app.logger));
  app.renderer.on(MarkdownPageEvent.END, (page) => {
    page.contents = tidy(page.contents);
  });
  app.renderer.defineRouter("named-anchors", NamedAnchorsRouter);
}
