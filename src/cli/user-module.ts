import { stat } from 'node:fs/promises'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { UsageError } from '../core/errors.ts'

/**
 * The default export of a module of the user's, named by a path from the working directory; `undefined` when it has
 * none. Rejects with UsageError, naming the flag, when there is no such file or it fails while it is loaded.
 */
export async function userModule(flag: string, file: string): Promise<unknown> {
  const absolute = path.resolve(file)
  const found = await stat(absolute).catch(() => undefined)
  if (found === undefined) throw new UsageError(`--${flag}: there is no file ${absolute}`)
  if (!found.isFile()) throw new UsageError(`--${flag}: ${absolute} is not a file`)
  const exported = await load(flag, file, pathToFileURL(absolute).href)
  return exported['default']
}

/** The bundle has no module that `import()` could belong to, and is given one (scripts/bundle/bundle.mjs). */
async function load(flag: string, file: string, href: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    return (await import(href)) as Readonly<Record<string, unknown>>
  } catch (cause) {
    throw new UsageError(`--${flag}: ${file} cannot be loaded: ${String(cause)}`, { cause })
  }
}
