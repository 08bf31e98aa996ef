import { describe, expect, it } from 'vitest'
import { readOffsetsFile, writeOffsetsFile } from '../../../../src/core/consumer/offset/offsets-file.ts'
import { ProtocolError } from '../../../../src/core/errors.ts'

const queue = (queueId: number) => ({ topic: 'TopicTest', brokerName: 'broker-a', queueId })
const entries = [[queue(3), 60] as const, [queue(0), 45] as const]

const key = (queueId: number): string =>
  ['\t\t\t"brokerName":"broker-a"', `\t\t\t"queueId":${queueId}`, '\t\t\t"topic":"TopicTest"'].join(',\n')
/** As Java clients up to 5.3 write it. */
const java = `{\n\t"offsetTable":{{\n${key(3)}\n\t\t}:60,{\n${key(0)}\n\t\t}:45\n\t}\n}`
/** As Java 5.5.0 wrote it. */
const java55 = `{\n\t"offsetTable":{\n\t\t{\n${key(3)}\n\t\t}:60,\n\t\t{\n${key(0)}\n\t\t}:45\n\t}\n}`
const quoted = JSON.stringify({
  offsetTable: { [JSON.stringify(queue(3))]: 60, [JSON.stringify(queue(0))]: 45 },
})

const read = (text: string) => readOffsetsFile(Buffer.from(text))

describe('the offsets file', () => {
  it('is written byte by byte as Java clients do', () => {
    expect(writeOffsetsFile(entries)).toBe(java)
    expect(writeOffsetsFile([])).toBe('{\n\t"offsetTable":{}\n}')
  })

  it.each([
    ['of Java clients up to 5.3', java],
    ['of Java 5.5.0', java55],
    ['with keys that are strings of JSON', quoted],
  ])('is read in the form %s', (_name, text) => {
    expect(read(text)).toEqual(entries)
  })

  it('may name no queue, and an offset below 0 counts for none', () => {
    expect(read('{\n\t"offsetTable":{}\n}')).toEqual([])
    expect(read('{}')).toEqual([])
    expect(read(writeOffsetsFile([[queue(1), -1], ...entries]))).toEqual(entries)
  })

  it('is no offsets file when it was cut off, wherever that happened', () => {
    for (let end = 0; end < java.length; end++) {
      expect(() => read(java.slice(0, end))).toThrow(ProtocolError)
    }
  })

  it.each(['null', '[]', '{"offsetTable":[]}', '{"offsetTable":{"x":1}}', '\0\0\0\0', java.replace('60', '"many"')])(
    'is no offsets file when it says %j',
    (text) => {
      expect(() => read(text)).toThrow(ProtocolError)
    },
  )
})
