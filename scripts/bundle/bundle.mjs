import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, transform } from 'esbuild'
import { lazyImports, lazyRequires } from './lazy.mjs'
import { notices } from './notices.mjs'

/** Loaded from node_modules when they are needed: native, the feed, `-o yaml`, or what of oclif no command of ours comes to. */
const external = [
  'lmdb',
  'ws',
  'yaml',
  'cli-spinners',
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
    plugins: [oclif, screenApart],
    target,
    write: false,
  })
  const [file] = result.outputFiles
  // With line ends: Node prints the line of an error nobody caught.
  const minify = { minifySyntax: true, minifyWhitespace: true, lineLimit: 160, target }
  const { code } = await transform(importPackages(lazyImports(file.text)), minify)
  writeFileSync(file.path, `(function (exports, require, module, importPackage) {${ascii(code)}})`)
  writeFileSync(path.join(dist, 'third-party.txt'), notices(root, Object.keys(result.metafile.inputs)))
  await bundleScreen({ root, compiled, dist })
}

/** What draws, with ink and react: dist/screen.mjs, a module, since ink waits for its layout engine while it loads. */
async function bundleScreen({ root, compiled, dist }) {
  const result = await build({
    entryPoints: [path.join(compiled, 'ui/index.js')],
    absWorkingDir: root,
    bundle: true,
    // Packages in it that are no modules require what Node has.
    banner: { js: "import { createRequire } from 'node:module';const require = createRequire(import.meta.url);" },
    define: { 'process.env.NODE_ENV': '"production"' },
    format: 'esm',
    legalComments: 'none',
    metafile: true,
    minifySyntax: true,
    minifyWhitespace: true,
    lineLimit: 160,
    outfile: path.join(dist, 'screen.mjs'),
    platform: 'node',
    plugins: [withoutDevtools],
    target,
  })
  writeFileSync(path.join(dist, 'third-party-screen.txt'), notices(root, Object.keys(result.metafile.inputs)))
}

/** Commands come to what draws by `import()`, and then from a file of its own (bin/run.js resolves it). */
const screenApart = {
  name: 'screen',
  setup(build) {
    build.onResolve({ filter: /\/ui\/index\.js$/ }, () => ({ path: './screen.mjs', external: true }))
  },
}

/** React's developer tools, and how ink speaks to them, which it only does when it is told to. */
const withoutDevtools = {
  name: 'devtools',
  setup(build) {
    build.onResolve({ filter: /^(react-devtools-core|ws)$/ }, ({ path }) => ({ path, namespace: 'nothing' }))
    build.onLoad({ filter: /.*/, namespace: 'nothing' }, () => ({ contents: 'export default {}' }))
  },
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
