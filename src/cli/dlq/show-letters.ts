import type { MessageExt } from '../../core/protocol/index.ts'
import { ExitCode } from '../error-report.ts'
import type { MessageParts } from '../messages/look-up.ts'
import type { ListFormat } from '../output/list.ts'
import { printList } from '../output/print-list.ts'
import { letterColumns, letterJson } from './letter.ts'
import { type LettersRequest, readLetters } from './letters.ts'

/** Which dead letters to show, and how. */
export interface ShowLettersRequest extends LettersRequest {
  readonly maxMessages: number
  readonly format: ListFormat
}

/** Shows dead letters of a group, the oldest first. Resolves to the exit code: 6 when somebody did not answer. */
export async function showLetters(request: ShowLettersRequest, parts: MessageParts): Promise<number> {
  const { context, connection } = parts
  const { maxMessages } = request
  const letters: MessageExt[] = []
  const { dead, errors } = await readLetters(request, parts, (more) => {
    // One more than is shown: so it is known whether there are more.
    letters.push(...more.slice(0, maxMessages + 1 - letters.length))
    return letters.length <= maxMessages
  })
  const items = letters.slice(0, maxMessages).map((letter) => letterJson(letter, connection))
  const more = { group: request.group, count: dead?.count ?? 0 }
  await printList({ name: 'letters', items, columns: letterColumns, errors, more }, request.format, context)
  if (letters.length > maxMessages) {
    context.say(`these are the first ${maxMessages}; the group has ${dead?.count ?? 0} dead letters (-m shows more)`)
  }
  return errors.length > 0 ? ExitCode.PARTIAL : ExitCode.DONE
}
