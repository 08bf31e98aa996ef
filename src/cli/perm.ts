import { UsageError } from '../core/errors.ts'
import { Perm } from '../core/protocol/index.ts'

/** What `--perm` takes. */
export const permNames = ['rw', 'r', 'w'] as const

/** The bits of a permission as written; throws UsageError for anything else. */
export function parsePerm(text: string): number {
  switch (text) {
    case 'rw':
      return Perm.READ | Perm.WRITE
    case 'r':
      return Perm.READ
    case 'w':
      return Perm.WRITE
    default:
      throw new UsageError(`'${text}' is not a permission; it is one of ${permNames.join(', ')}`)
  }
}

/** Permission bits as people write them; `-` when nothing is allowed. */
export function formatPerm(perm: number): string {
  const text = ((perm & Perm.READ) === 0 ? '' : 'r') + ((perm & Perm.WRITE) === 0 ? '' : 'w')
  return text === '' ? '-' : text
}
