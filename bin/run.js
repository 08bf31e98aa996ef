#!/usr/bin/env node
'use strict'
// CommonJS (bin/package.json), with what every start needs and no more: Node's loader of ES modules alone takes 4 ms to
// start, and this file is compiled each time.
const fs = require('node:fs')
const path = require('node:path')

const root = path.join(__dirname, '..')
const dist = path.join(root, 'dist')

/**
 * Loads what the build has bundled in a folder, with the code V8 compiled then (scripts/bundle/code-cache.mjs). In such code
 * `import()` has no module it belongs to, so it is given one.
 */
function load(folder) {
  const { Script } = require('node:vm')
  const bundle = path.join(folder, 'mq.js')
  const script = new Script(fs.readFileSync(bundle, 'latin1'), { filename: 'dist/mq.js', cachedData: readCode(bundle) })
  const module = { exports: {} }
  script.runInThisContext()(module.exports, require, module, (name) => import(located(name, folder)))
  return { exports: module.exports, script }
}

/** What lies beside the bundle, by its address; anything else is a package or an address already. */
function located(name, folder) {
  return name.startsWith('./') ? require('node:url').pathToFileURL(path.join(folder, name)).href : name
}

/** V8 checks that the code is its own and fits these flags, but of the source only its length. */
function readCode(bundle) {
  try {
    const code = `${bundle}.${process.version}-${process.arch}`
    return fs.statSync(code).mtimeMs < fs.statSync(bundle).mtimeMs ? undefined : fs.readFileSync(code)
  } catch {
    return undefined // built by another Node
  }
}

/** What needs nothing loaded: the version, and the help the build has rendered for exactly these words. */
function quickAnswer(args) {
  const isHelp = args.length === 0 || args[0] === 'help' || args.at(-1) === '--help' || args.at(-1) === '-h'
  try {
    if (args[0] === '--version' || args[0] === '-v') return `${version()}\n`
    return isHelp ? preparedHelp(args[0] === 'help' ? args.slice(1) : args.slice(0, -1)) : undefined
  } catch {
    return undefined // no such help, no stdout: what is loaded answers that
  }
}

function version() {
  const { name, version } = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8'))
  return `${name}/${version} ${process.platform}-${process.arch} node-${process.version}`
}

function preparedHelp(words) {
  if (!words.every((word) => /^[a-z][a-z-]*$/.test(word))) return undefined
  // A terminal has a width of its own, and bold print.
  if (fs.fstatSync(1).isCharacterDevice() && require('node:tty').isatty(1)) return undefined
  const text = fs.readFileSync(path.join(dist, 'help', `${['mq', ...words].join(' ')}.txt`), 'utf8')
  return text.replace('{version}', version())
}

/** Whether the text could be written; what is loaded can say why not. */
function print(text) {
  const bytes = Buffer.from(text)
  let done = 0
  try {
    while (done < bytes.length) done += fs.writeSync(1, bytes, done)
  } catch (error) {
    if (error.code !== 'EAGAIN') return false
    process.stdout.write(bytes.subarray(done))
  }
  return true
}

function run(args) {
  // Before anything loads react: unset, its development build is taken, which keeps every measurement it makes.
  process.env.NODE_ENV ??= 'production'
  // ink looks for React's developer tools when somebody's shell has this set.
  delete process.env.DEV
  const answer = quickAnswer(args)
  if (answer !== undefined && print(answer)) return
  try {
    load(dist).exports.start(args, root, dist)
  } catch (error) {
    process.stderr.write(`error: mq cannot be loaded: ${error.message}\n  build it with npm run build\n`)
    process.exitCode = 1
  }
}

// The build loads the bundle as it is loaded here.
if (require.main === module) run(process.argv.slice(2))
else module.exports = { load }
