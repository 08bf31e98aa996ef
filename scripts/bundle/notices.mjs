import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

/** The licences of the packages whose files these are: they have to come with the bundle. */
export function notices(root, files) {
  const folders = new Set(files.flatMap((file) => /^.*\bnode_modules\/(?:@[^/]+\/)?[^/]+/.exec(file) ?? []))
  return [...folders]
    .sort()
    .map((folder) => notice(path.join(root, folder)))
    .join('\n\n')
}

function notice(folder) {
  const { name, version, license } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'))
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry))
  const text = file === undefined ? '' : readFileSync(path.join(folder, file), 'utf8')
  return `== ${name} ${version} (${license})\n\n${text.trim()}\n`
}
