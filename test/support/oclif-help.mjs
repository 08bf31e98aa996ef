// Prints the help of everything as JSON, by its words, as oclif itself renders it from the sources.
import { fileURLToPath } from 'node:url'
import { Config, Help, Plugin } from '@oclif/core'

process.env.NODE_ENV = 'development'
const root = fileURLToPath(new URL('../..', import.meta.url))
const texts = {}

async function render(words) {
  // Help changes the names in the configuration it is given.
  const plugin = new Plugin({ root, isRoot: true, ignoreManifest: true, errorOnManifestCreate: true })
  await plugin.load()
  const config = await Config.load({ root, plugins: [plugin] })
  const chunks = []
  const { write } = process.stdout
  process.stdout.write = (chunk) => chunks.push(chunk) > 0
  await new Help(config, config.pjson.oclif.helpOptions).showHelp([...words])
  process.stdout.write = write
  texts[words.join(' ')] = chunks.join('')
  return config
}

const { commands } = await render([])
for (const { id } of commands) {
  for (const [at] of id.split(':').entries()) await render(id.split(':').slice(0, at + 1))
}
process.stdout.write(JSON.stringify(texts))
