#!/usr/bin/env node
'use strict'
// mq from its sources: no build, and no manifest that would hide a new command.
const path = require('node:path')

const root = path.join(__dirname, '..')

async function run() {
  process.env.NODE_ENV = 'development'
  const { register } = await import('tsx/esm/api')
  // That of the sources, wherever mq is run.
  register({ tsconfig: path.join(root, 'tsconfig.json') })
  const { Plugin } = await import('@oclif/core')
  const { main } = await import('../src/cli/main.ts')
  const { commandNames } = await import('../src/cli/command-names.ts')
  const plugin = new Plugin({ root, isRoot: true, ignoreManifest: true, errorOnManifestCreate: true })
  await plugin.load()
  const { pjson, manifest } = plugin
  const load = (id) => plugin.findCommand(id, { must: true })
  await main(process.argv.slice(2), { root, pjson, names: commandNames(manifest.commands), manifest, load })
}

run()
