import { describe, expect, it } from 'vitest'
import { compileFormat, formatLetters } from '../../../src/cli/consume/message-format.ts'
import { UsageError } from '../../../src/core/errors.ts'
import { message } from '../../support/messages.ts'
import { EPOCH_MS } from '../../support/virtual-clock.ts'

const order = message({
  topic: 'orders',
  brokerName: 'broker-a',
  queueId: 3,
  queueOffset: 1200,
  body: '{"id":1}',
  reconsumeTimes: 2,
  properties: { KEYS: 'k1 k2', TAGS: 'paid', UNIQ_KEY: 'ABC', WAIT: 'true', region: 'eu', a: 'b' },
})
const show = (format: string, of = order): string => compileFormat(format, (shown) => shown.topic)(of)

describe('a format', () => {
  it.each([
    ['%s', '{"id":1}'],
    ['%S', '8'],
    ['%k', 'k1 k2'],
    ['%K', '5'],
    ['%t', 'orders'],
    ['%b', 'broker-a'],
    ['%q', '3'],
    ['%p', '3'],
    ['%o', '1200'],
    ['%T', String(EPOCH_MS + 5)],
    ['%d', String(EPOCH_MS)],
    ['%g', 'paid'],
    ['%m', 'ABC'],
    ['%i', '7F00000100002A9F0000000000001000'],
    ['%r', '2'],
    ['%h', 'region=eu,a=b'],
    ['%%', '%'],
    ['100%%', '100%'],
    ['%b:%q@%o %s\\n', 'broker-a:3@1200 {"id":1}\n'],
    ['\\t\\r\\0\\\\\\x41', '\t\r\0\\A'],
    ['\\y\\', '\\y\\'],
    ['', ''],
  ])('shows %j', (format, text) => {
    expect(show(format)).toBe(text)
  })

  it('adds nothing at the end', () => {
    expect(show('x')).toBe('x')
  })

  it('shows nothing for what a message does not have', () => {
    const bare = message({ body: 'b', properties: {} })

    expect(show('[%k|%K|%g|%h]', bare)).toBe('[|0||]')
  })

  it('keeps the bytes of a body that is not UTF-8, one character for each', () => {
    const bytes = Buffer.from([0, 0x80, 0xff, 0xc3, 0x28])

    expect(Buffer.from(show('%s', message({ body: bytes })), 'latin1')).toEqual(bytes)
  })

  it('writes its own text, tags and keys as UTF-8', () => {
    const text = show('ü%g%k%K', message({ properties: { TAGS: 'größe', KEYS: '键' } }))

    expect(Buffer.from(text, 'latin1').toString('utf8')).toBe('ügröße键3')
  })

  it.each(['%z', 'a%', '%ü'])('refuses %j and tells the letters there are', (format) => {
    const compile = (): unknown => compileFormat(format, () => '')

    expect(compile).toThrow(UsageError)
    expect(compile).toThrow(/there are %s %S %k/)
  })

  it('tells in its help only letters that work', () => {
    for (const [letter] of formatLetters) expect(() => show(letter)).not.toThrow()
  })
})
