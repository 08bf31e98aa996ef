#!/usr/bin/env node
import { readFileSync } from 'node:fs'

// Before anything loads react: unset, its development build is taken, which keeps every measurement it makes.
process.env.NODE_ENV ??= 'production'
// ink looks for React's developer tools when somebody's shell has this set.
delete process.env.DEV

const args = process.argv.slice(2)

if (args[0] === '--version' || args[0] === '-v') {
  const { name, version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  process.stdout.write(`${name}/${version} ${process.platform}-${process.arch} node-${process.version}\n`)
} else {
  const { execute } = await import('@oclif/core')
  const { guardOutput } = await import('../dist/cli/guard-output.js')
  guardOutput(process)
  await execute({ args: await hoisted(args), dir: import.meta.url })
}

/** oclif takes the first word for the command. */
async function hoisted(args) {
  if (!args[0]?.startsWith('-') || args[0] === '--help' || args[0] === '-h') return args
  const { hoistFlags } = await import('../dist/cli/hoist-flags.js')
  return hoistFlags(args, JSON.parse(readFileSync(new URL('../oclif.manifest.json', import.meta.url), 'utf8')))
}
