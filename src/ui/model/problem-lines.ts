import { wrap } from '../text/wrap.ts'
import type { ResetPrompt } from './reset.ts'

/** Lines that a problem may take. */
const MOST = 3

/** What was wrong with what was typed, in lines. */
export function problemLines({ problem }: ResetPrompt, columns: number): readonly string[] {
  return problem === undefined ? [] : wrap(problem, columns - 3).slice(0, MOST)
}
