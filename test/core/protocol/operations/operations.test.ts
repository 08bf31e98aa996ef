import { describe, expect, it } from 'vitest'
import { type HeaderSchema, type Operation, operations } from '../../../../src/core/protocol/index.ts'
import { fixtureText } from '../../../support/fixtures.ts'

const { codes } = JSON.parse(fixtureText('request-codes.json')) as { readonly codes: Readonly<Record<string, number>> }
const table: readonly (readonly [string, Operation])[] = Object.entries(operations)

/** Operations that are not called as RequestCode.java calls them. */
const renamed: Readonly<Record<string, string>> = {
  deleteTopicInNameServer: 'DELETE_TOPIC_IN_NAMESRV',
  getSystemTopicListFromNameServer: 'GET_SYSTEM_TOPIC_LIST_FROM_NS',
  getRunningInfoFromClient: 'GET_CONSUMER_RUNNING_INFO',
  consumeDirectlyOnClient: 'CONSUME_MESSAGE_DIRECTLY',
}

const plain = (name: string): string => name.replaceAll('_', '').toLowerCase()
const byPlainName = new Map(Object.entries(codes).map(([name, code]) => [plain(name), code]))

describe('the table of operations', () => {
  it.each(table)('gives %s the number it has in Java', (name, { code }) => {
    expect(byPlainName.get(plain(renamed[name] ?? name))).toBe(code)
  })

  it('uses no code twice on one port: name server and broker may share one', () => {
    for (const client of [true, false]) {
      const used = table.filter(([, { to }]) => (to === 'client') === client).map(([, { code }]) => code)
      expect([...new Set(used)]).toEqual(used)
    }
  })

  it.each(table)('gives every field of %s a name of its own on the wire', (_, { request, response }) => {
    for (const schema of [request, response] satisfies HeaderSchema[]) {
      const names = Object.entries(schema).map(([name, field]) => field.wire ?? name)
      expect([...new Set(names)]).toEqual(names)
    }
  })

  it.each(table)('tells the outcomes of %s apart, success among them', (_, { outcomes }) => {
    const values = Object.values(outcomes)
    expect([...new Set(values)]).toEqual(values)
    expect(values).toContain(0)
  })

  it('has answers only where somebody waits for one', () => {
    for (const [, operation] of table) {
      if (!operation.oneway) continue
      expect([operation.response, operation.responseBody]).toEqual([{}, undefined])
    }
  })
})
