import { readFileSync, writeFileSync } from 'node:fs'
import { doctorPage } from './docs/doctor-page.ts'
import { metricsPage } from './docs/metrics-page.ts'
import { protocolPage } from './docs/protocol-page.ts'
import { telemetryPage } from './docs/telemetry-page.ts'

// Writes the pages that are made from code; with --check it only says which of them are out of date, and fails then.

const pages: Readonly<Record<string, () => string>> = {
  'docs/doctor.md': doctorPage,
  'docs/metrics.md': metricsPage,
  'docs/protocol.md': protocolPage,
  'docs/telemetry.md': telemetryPage,
}

const check = process.argv.includes('--check')
const stale = Object.entries(pages).filter(([path, page]) => page() !== existing(path))

for (const [path, page] of stale) {
  if (check) console.error(`${path} is out of date: run npm run docs`)
  else writeFileSync(fileUrl(path), page())
}
if (check && stale.length > 0) process.exitCode = 1

function existing(path: string): string | undefined {
  try {
    return readFileSync(fileUrl(path), 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

function fileUrl(path: string): URL {
  return new URL(`../${path}`, import.meta.url)
}
