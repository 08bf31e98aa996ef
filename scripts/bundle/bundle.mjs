import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, transform } from 'esbuild'
import { lazyBuiltins, lazyRequires } from './lazy.mjs'
import { notices } from './notices.mjs'

/** Loaded from node_modules when they are needed: native, or what of oclif no command of ours comes to. */
const external = [
  'lmdb',
  'get-package-type',
  'lilconfig',
  'minimatch',
  'semver',
  'tinyglobby',
  'typescript',
  'wsl-utils',
]
const target = 'node20.19'

/**
 * Bundles the compiled sources as one CommonJS file: dist/mq.js exports `start(args, root, dist)`. Modules behind an
 * `import()`, which is how a command is loaded, run only when it is reached; so do those of oclif and of Node.
 */
export async function bundle({ root, compiled, dist, names }) {
  const result = await build({
    stdin: { contents: entry(names), resolveDir: compiled, sourcefile: 'mq.js' },
    absWorkingDir: root,
    bundle: true,
    external,
    format: 'cjs',
    legalComments: 'none',
    metafile: true,
    outfile: path.join(dist, 'mq.js'),
    platform: 'node',
    plugins: [oclif],
    target,
    write: false,
  })
  const [file] = result.outputFiles
  // With line ends: Node prints the line of an error nobody caught.
  const minify = { minifySyntax: true, minifyWhitespace: true, lineLimit: 160, target }
  const { code } = await transform(importPackages(lazyBuiltins(file.text)), minify)
  writeFileSync(file.path, `(function (exports, require, module, importPackage) {${ascii(code)}})`)
  writeFileSync(path.join(dist, 'third-party.txt'), notices(root, Object.keys(result.metafile.inputs)))
}

/** What is still imported is not bundled, or a file of the user's (src/cli/user-module.ts), and is imported by bin/run.js. */
function importPackages(code) {
  return code.replaceAll(/\bimport\((?=["\w(])/g, 'importPackage(')
}

/** It is read as latin1 (bin/run.js); esbuild leaves regular expressions as they are. */
function ascii(code) {
  return code.replace(/[^\0-\x7f]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** The modules of the commands by their ids, and main with them. */
function entry(names) {
  const ids = [...new Set(Object.values(names).map(({ id }) => id))]
  const modules = ids.map((id) => `'${id}': () => import('./commands/${id.replaceAll(':', '/')}.js'),`)
  return `import { readFileSync } from 'node:fs'
import { main } from './cli/main.js'
const modules = { ${modules.join('\n')} }
const names = ${JSON.stringify(names)}
const read = (file) => JSON.parse(readFileSync(file, 'utf8'))
export const start = (args, root, dist) => main(args, {
  root,
  pjson: read(root + '/package.json'),
  names,
  get manifest() { return read(dist + '/oclif.manifest.json') },
  load: async (id) => (await modules[id]()).default,
})`
}

/** Takes oclif in the parts we use, and keeps every part from loading those it only may need. */
const oclif = {
  name: 'oclif',
  setup(build) {
    const parts = fileURLToPath(new URL('oclif.mjs', import.meta.url))
    build.onResolve({ filter: /^@oclif\/core$/ }, () => ({ path: parts }))
    build.onLoad({ filter: /[/\\]@oclif[/\\]core[/\\]lib[/\\].*\.js$/ }, ({ path }) => ({
      contents: lazyRequires(readFileSync(path, 'utf8')),
    }))
  },
}
