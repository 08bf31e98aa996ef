import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

interface LockedPackage {
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly resolved?: string
}

const text = readFileSync(new URL('../../package-lock.json', import.meta.url), 'utf8')
const { packages } = JSON.parse(text) as { packages: Readonly<Record<string, LockedPackage>> }

test('the lock file names no registry, so that anybody can install from their own', () => {
  const resolved = Object.values(packages).flatMap((entry) => entry.resolved ?? [])

  expect(resolved).toEqual([])
})

// `npm ci` refuses a lock file that lacks one: npm leaves out what the registry in use did not have.
test('the lock file has the native packages of every platform', () => {
  const missing = Object.entries(packages).flatMap(([folder, entry]) =>
    Object.keys(entry.optionalDependencies ?? {}).filter(
      (name) => !(`${folder}/node_modules/${name}` in packages) && !(`node_modules/${name}` in packages),
    ),
  )

  expect(missing).toEqual([])
})
