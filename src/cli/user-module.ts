import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { UsageError } from '../core/errors.ts'

/**
 * The default export of a module of the user's, named by a path from the working directory. Rejects with UsageError
 * when it cannot be loaded or exports none.
 */
export async function userModule(file: string): Promise<unknown> {
  const { href } = pathToFileURL(path.resolve(file))
  const exported = await load(file, href)
  if (!('default' in exported)) {
    throw new UsageError(`${file} has no default export`, { suggestions: ['write export default …'] })
  }
  return exported.default
}

async function load(file: string, href: string): Promise<object> {
  try {
    return (await import(href)) as object
  } catch (error) {
    throw new UsageError(`${file} cannot be loaded: ${reason(error)}`, { cause: error })
  }
}

/** What Node says of a missing file is long, and names who asked for it. */
function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const missing = 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND'
  return missing ? error.message.replace(/ imported from .*$/s, '') : error.message
}
