import { relative, resolve, dirname } from "node:path";

/** The rooms of src/, highest first. A file imports from its own room and from those below; rooms on one line do not know each other. */
const layers = [
  ["main.ts", "operator"],
  ["app.ts", "demo"],
  ["config"],
  ["http"],
  ["graphql"],
  ["requests", "testdata"],
  ["connectors"],
  ["subjects"],
  ["sources"],
  ["audit", "archive"],
  ["access"],
  ["store", "language"],
];
const levels = new Map(layers.flatMap((rooms, level) => rooms.map((room) => [room, level])));

/** Where a file of src/ stands: its room, and within sources/ the folder of one source. */
function placeOf(file, root) {
  const [top, room = "", folder, ...more] = relative(root, file).split(/[\\/]/);
  if (top !== "src") return null;
  return { room, level: levels.get(room), source: room === "sources" && more.length > 0 ? folder : null };
}

/** @returns why the import is against the law, or null */
function offence(from, to) {
  if (to === null) return `src/ imports nothing of the repository outside itself`;
  if (from.level === undefined || to.level === undefined) {
    const unknown = from.level === undefined ? from.room : to.room;
    return `${unknown} has no place among the rooms of lint/house.js`;
  }
  if (from.room === to.room) {
    const strangers = from.source !== null && to.source !== null && from.source !== to.source;
    return strangers ? `sources do not see each other: ${from.source} imports from ${to.source}` : null;
  }
  return from.level < to.level ? null : `${from.room} may not import from ${to.room}: imports run downwards`;
}

const layersRule = {
  create(context) {
    const from = placeOf(context.filename, context.cwd);
    if (from === null) return {};
    const check = (node) => {
      const name = node.source?.value;
      if (typeof name !== "string" || !name.startsWith(".")) return;
      const message = offence(from, placeOf(resolve(dirname(context.filename), name), context.cwd));
      if (message !== null) context.report({ node, message });
    };
    return {
      ImportDeclaration: check,
      ImportExpression: check,
      TSImportType: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
    };
  },
};

/** Whoever needs a name imports it from where it is made. */
const noReExport = {
  create(context) {
    const report = (node) =>
      context.report({ node, message: "No barrels: import the name from where it is made" });
    return {
      ExportNamedDeclaration: (node) => node.source !== null && report(node),
      ExportAllDeclaration: report,
    };
  },
};

/** Every way to the environment: `process.env`, `process["env"]`, `const { env } = process`, `node:process`. */
const environmentInConfig = {
  create(context) {
    const report = (node) =>
      context.report({ node, message: "The environment is read in src/config/ alone" });
    const isProcess = (node) =>
      (node?.type === "Identifier" && node.name === "process") ||
      (node?.type === "MemberExpression" && node.object.name === "globalThis" && nameOf(node) === "process");
    const nameOf = ({ property, computed }) => (computed ? property.value : property.name);
    return {
      MemberExpression: (node) => isProcess(node.object) && nameOf(node) === "env" && report(node),
      VariableDeclarator: (node) => node.id.type === "ObjectPattern" && isProcess(node.init) && report(node),
      ImportDeclaration: (node) => /^(node:)?process$/.test(node.source.value) && report(node),
    };
  },
};

/** `as unknown as T` tells the compiler to believe anything. */
const noDoubleAssertion = {
  create(context) {
    return {
      TSAsExpression(node) {
        if (node.expression.type !== "TSAsExpression") return;
        if (node.expression.typeAnnotation.type !== "TSUnknownKeyword") return;
        context.report({
          node,
          message: "No assertion through unknown: give the value its type where it is made",
        });
      },
    };
  },
};

export default {
  meta: { name: "house" },
  rules: {
    layers: layersRule,
    "no-re-export": noReExport,
    "environment-in-config": environmentInConfig,
    "no-double-assertion": noDoubleAssertion,
  },
};
