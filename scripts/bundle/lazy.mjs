// Modules that are required at the top of a file, but needed by few runs, are loaded when they are first used. Both work on what
// a compiler has written, where such a module has a name that is used for nothing else.

/** `const x_1 = require("x")`, as TypeScript writes it, and every use of x_1. */
export function lazyRequires(source) {
  return lazy(source, /^(?:const|var) (\w+_\d+) = (.*\brequire\("[^"]+"\)\)?);$/gm, 'const ')
}

/**
 * `import_node_x = require("node:x")`, as esbuild writes it for what Node has, `import_x = __toESM(require_x())` for a package,
 * and every use of them.
 */
export function lazyImports(source) {
  return lazy(
    source,
    /^ *(?:var )?(import_\w+) = ((?:__toESM\()?require(?:_\w+\(|\("node:[^"]+")\)(?:, 1)?\)?);$/gm,
    'var ',
  )
}

function lazy(source, pattern, keyword) {
  const names = new Set()
  const declared = source.replace(pattern, (line, name, load) => {
    names.add(name)
    return `${/^(const|var) /.test(line) ? keyword : ''}${name} = ((value) => () => (value ??= ${load}))();`
  })
  if (names.size === 0) return source
  const uses = new RegExp(`(?<![\\w$.])(?:${[...names].join('|')})(?![\\w$:]| = )`, 'g')
  const isDeclaration = (line) => /^ *var [\w$, ]+;$/.test(line)
  return declared
    .split('\n')
    .map((line) => (isDeclaration(line) ? line : line.replace(uses, '($&())')))
    .join('\n')
}
