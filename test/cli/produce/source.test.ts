import { Readable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { messageSource } from '../../../src/cli/produce/choose-source.ts'
import type { InputNotes, SourcedMessage } from '../../../src/cli/produce/source.ts'
import { messageTemplate } from '../../../src/cli/produce/template.ts'

const template = messageTemplate('orders', {
  tags: 't',
  key: undefined,
  prop: undefined,
  'shard-key': undefined,
  queue: undefined,
  'delay-level': undefined,
  delay: undefined,
})
const flags = { body: undefined, size: undefined, input: undefined, count: undefined }

async function read(
  given: Partial<Parameters<typeof messageSource>[0]>,
  input: readonly string[] = [],
  notes: InputNotes = { emptyLines: 0 },
): Promise<SourcedMessage[]> {
  const parts = { template, input: Readable.from(input.map((text) => Buffer.from(text))), notes }
  const { signal } = new AbortController()
  const all: SourcedMessage[] = []
  for await (const some of messageSource({ ...flags, ...given }, { ...parts, signal })) all.push(...some)
  return all
}

const bodies = (messages: readonly SourcedMessage[]): string[] =>
  messages.map((sourced) => ('message' in sourced ? sourced.message.body.toString() : sourced.error.message))

describe('lines of stdin', () => {
  test('are a message each, with the line told', async () => {
    const messages = await read({}, ['1\n2', '\n3'])

    expect(bodies(messages)).toEqual(['1', '2', '3'])
    expect(messages.map(({ where }) => where)).toEqual(['line 1', 'line 2', 'line 3'])
    expect(messages.every((sourced) => 'message' in sourced && sourced.message.tags === 't')).toBe(true)
  })

  test('that are empty are counted and left out', async () => {
    const notes = { emptyLines: 0 }

    expect(bodies(await read({}, ['\na\n\n'], notes))).toEqual(['a'])
    expect(notes.emptyLines).toBe(2)
  })

  test('are no more than --count', async () => {
    expect(bodies(await read({ count: 2 }, ['1\n2\n3\n', '4\n']))).toEqual(['1', '2'])
  })

  test('as JSON are read one by one: a bad one does not keep the next from it', async () => {
    const messages = await read({ input: 'jsonl' }, ['{"body":"a"}\nnope\n{"body":"b"}\n'])

    expect(bodies(messages)).toEqual(['a', expect.stringMatching(/^it is not JSON/), 'b'])
    expect(messages[1]).toMatchObject({ where: 'line 2' })
  })
})

describe('the whole of stdin', () => {
  test('is one message, line feeds and all', async () => {
    expect(bodies(await read({ input: 'raw' }, ['a\n', 'b\n']))).toEqual(['a\nb\n'])
  })

  test('is sent as often as --count says', async () => {
    expect(bodies(await read({ input: 'raw', count: 3 }, ['x']))).toEqual(['x', 'x', 'x'])
  })

  test('is refused when it is empty, or longer than any message', async () => {
    await expect(read({ input: 'raw' })).rejects.toThrow('the input is empty')
    await expect(read({ input: 'raw' }, Array(17).fill('x'.repeat(1024 * 1024)))).rejects.toThrow('longer than 16 MiB')
  })
})

describe('made messages', () => {
  test('repeat the body', async () => {
    const messages = await read({ body: 'hi', count: 600 })

    expect(messages).toHaveLength(600)
    expect(new Set(bodies(messages))).toEqual(new Set(['hi']))
    expect(messages.at(-1)?.where).toBe('message 600')
  })

  test('of a size are random text of that size', async () => {
    const made = bodies(await read({ size: 100, count: 3 }))

    for (const body of made) expect(body).toMatch(/^[\w-]{100}$/)
    expect(new Set(made).size).toBe(3)
  })
})

test('an interruption ends the reading with its reason', async () => {
  const controller = new AbortController()
  const input = new Readable({ read: () => undefined })
  const parts = { template, input, notes: { emptyLines: 0 }, signal: controller.signal }
  const reading = (async () => {
    for await (const some of messageSource(flags, parts)) expect(some).toEqual([])
  })()

  controller.abort(new DOMException('interrupted by SIGINT', 'AbortError'))

  await expect(reading).rejects.toThrow('interrupted by SIGINT')
})
