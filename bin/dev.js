#!/usr/bin/env node
import { fileURLToPath } from 'node:url'
// mq from its sources: no build, and no manifest that would hide a new command.
import { execute, Plugin, settings } from '@oclif/core'

process.env.NODE_ENV = 'development'
settings.debug = true

const root = fileURLToPath(new URL('..', import.meta.url))
const plugin = new Plugin({ root, isRoot: true, ignoreManifest: true, errorOnManifestCreate: true })
await plugin.load()
await execute({ development: true, loadOptions: { root, plugins: [plugin] } })
